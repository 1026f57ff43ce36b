/**
 * gRPC calls by OpenTelemetry's RPC conventions: {@link dev.msk.observability.grpc.GrpcTelemetry}, needs grpc-api. What clients and
 * orchestrators ask by gRPC's health protocol: {@link dev.msk.observability.grpc.GrpcHealth}, needs grpc-services.
 */
package dev.msk.observability.grpc;
