/**
 * gRPC channels to services by name, {@code msk:///orders}; needs grpc-api. Open {@link
 * dev.msk.discovery.grpc.GrpcDiscovery}.
 */
package dev.msk.discovery.grpc;
