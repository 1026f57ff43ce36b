package dev.msk.examples.contracts.inventory;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;

/**
 * How inventory says no, in the form that the proto promises: inventory makes refusals with it, its
 * callers read them.
 */
public final class Refusals {

  /** Whose reasons they are. */
  public static final String DOMAIN = "inventory.shop.example";

  private Refusals() {}

  /**
   * A refusal for a reason.
   *
   * @param reason why; decides the code
   * @param message for a person to read
   * @param facts what the proto promises for this reason
   * @return to be thrown
   */
  public static StatusRuntimeException of(
      Reason reason, String message, Map<String, String> facts) {
    ErrorInfo info = ErrorInfo.newBuilder()
        .setDomain(DOMAIN)
        .setReason(reason.name())
        .putAllMetadata(facts)
        .build();
    return exception(code(reason), message, Any.pack(info));
  }

  /**
   * A refusal of a malformed request.
   *
   * @param faults what is wrong, by field
   * @return to be thrown
   */
  public static StatusRuntimeException invalid(Map<String, String> faults) {
    BadRequest.Builder details = BadRequest.newBuilder();
    faults.forEach((field, fault) ->
        details.addFieldViolationsBuilder().setField(field).setDescription(fault));
    StringBuilder message = new StringBuilder();
    faults.forEach((field, fault) ->
        message.append(message.isEmpty() ? "" : "; ").append(field).append(": ").append(fault));
    return exception(Code.INVALID_ARGUMENT, message.toString(), Any.pack(details.build()));
  }

  /**
   * Why a call was refused.
   *
   * @param failure what the call threw
   * @return the reason; {@code REASON_UNSPECIFIED} when it states none, and {@code UNRECOGNIZED} when
   *     it states one that this code does not know yet
   */
  public static Reason reason(Throwable failure) {
    Status status = StatusProto.fromThrowable(failure);
    if (status == null) {
      return Reason.REASON_UNSPECIFIED;
    }
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        ErrorInfo info = unpacked(detail);
        if (info.getDomain().equals(DOMAIN)) {
          return known(info.getReason());
        }
      }
    }
    return Reason.REASON_UNSPECIFIED;
  }

  private static Code code(Reason reason) {
    return switch (reason) {
      case UNKNOWN_SKU, NOT_RESERVED -> Code.NOT_FOUND;
      case OVERTAKEN_BY_RELEASE -> Code.ABORTED;
      case OUT_OF_STOCK, RESERVED_OTHERWISE, ALREADY_SOLD, ALREADY_RELEASED ->
        Code.FAILED_PRECONDITION;
      case REASON_UNSPECIFIED, UNRECOGNIZED ->
        throw new IllegalArgumentException("reason: " + reason + " (expected: one that is known)");
    };
  }

  private static StatusRuntimeException exception(Code code, String message, Any detail) {
    return StatusProto.toStatusRuntimeException(Status.newBuilder()
        .setCode(code.value())
        .setMessage(message)
        .addDetails(detail)
        .build());
  }

  private static ErrorInfo unpacked(Any detail) {
    try {
      return detail.unpack(ErrorInfo.class);
    } catch (InvalidProtocolBufferException e) {
      return ErrorInfo.getDefaultInstance();
    }
  }

  private static Reason known(String name) {
    try {
      return Reason.valueOf(name);
    } catch (IllegalArgumentException e) {
      return Reason.UNRECOGNIZED;
    }
  }
}
