/** Data as Protobuf messages. Open {@link dev.msk.messaging.protobuf.ProtobufCodec}. */
package dev.msk.messaging.protobuf;
