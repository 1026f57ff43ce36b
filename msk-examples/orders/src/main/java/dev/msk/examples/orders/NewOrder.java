package dev.msk.examples.orders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a customer asks for. Who the customer is, the access token says.
 *
 * @param sku 1 to 64 letters, digits and {@code . _ @ -}
 * @param quantity 1 to 1,000
 * @param amountCents 1 to 100,000,000
 */
record NewOrder(String sku, int quantity, long amountCents) {

  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .build();
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@-]{1,64}");
  private static final int SHOWN = 60;

  /**
   * Reads the body of a request.
   *
   * @throws Problem 400, with a line for each field that is wrong
   */
  static NewOrder parse(byte[] body) {
    JsonNode json = read(body);
    List<String> faults = new ArrayList<>();
    NewOrder order = new NewOrder(
        name(json, "sku", faults),
        (int) number(json, "quantity", 1_000, faults),
        number(json, "amountCents", 100_000_000, faults));
    if (!faults.isEmpty()) {
      throw new Problem(400, "Invalid order", String.join("; ", faults), faults);
    }
    return order;
  }

  /** Whether a text can name a customer or a thing. */
  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  private static JsonNode read(byte[] body) {
    try {
      JsonNode json = JSON.readTree(body);
      if (json.isObject()) {
        return json;
      }
      throw new Problem(400, "Not an order", "body: no JSON object (expected: a JSON object)");
    } catch (JsonProcessingException e) {
      throw new Problem(
          400,
          "Not JSON",
          "body: " + e.getOriginalMessage() + " at line " + e.getLocation().getLineNr()
              + ", column " + e.getLocation().getColumnNr() + " (expected: a JSON object)");
    } catch (IOException e) {
      throw new Problem(400, "Not JSON", "body: " + e.getMessage() + " (expected: UTF-8)");
    }
  }

  private static String name(JsonNode json, String field, List<String> faults) {
    JsonNode value = json.path(field);
    if (!value.isTextual() || !isName(value.textValue())) {
      faults.add(field + ": " + shown(value) + " (expected: 1 to 64 letters, digits and . _ @ -)");
    }
    return value.asText();
  }

  private static long number(JsonNode json, String field, long max, List<String> faults) {
    JsonNode value = json.path(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < 1
        || value.longValue() > max) {
      faults.add(field + ": " + shown(value) + " (expected: a whole number, 1 to " + max + ")");
    }
    return value.asLong();
  }

  private static String shown(JsonNode value) {
    String text = value.isMissingNode() ? "missing" : value.toString();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
