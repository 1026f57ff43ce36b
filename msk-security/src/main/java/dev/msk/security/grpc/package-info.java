/**
 * gRPC with mutual TLS and tokens: {@link dev.msk.security.grpc.GrpcTls} for both ends' credentials, {@link
 * dev.msk.security.grpc.ServerSecurity} and {@link dev.msk.security.grpc.ClientSecurity} for the calls.
 */
package dev.msk.security.grpc;
