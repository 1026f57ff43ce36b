/** gRPC calls by OpenTelemetry's RPC conventions: {@link dev.msk.observability.grpc.GrpcTelemetry}. Needs grpc-api. */
package dev.msk.observability.grpc;
