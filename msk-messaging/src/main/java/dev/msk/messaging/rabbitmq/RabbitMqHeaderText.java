package dev.msk.messaging.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.impl.LongStringHelper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Properties and headers of a message as text and back: strings without loss, those that are no text as a data URL (RFC 2397); numbers,
 * tables and other values as they print.
 *
 * <pre>
 * content-type          application/json
 * message-id            4711
 * ce-id                 4711
 * trace                 data:;base64,wyg=
 * headers/content-type  a header by the name of a property
 * </pre>
 */
final class RabbitMqHeaderText {

  private static final String BYTES = "data:;base64,";
  private static final String NULL = "data:,";
  private static final String HEADERS = "headers/";
  private static final String CONTENT_TYPE = "content-type";
  private static final String CONTENT_ENCODING = "content-encoding";
  private static final String CORRELATION_ID = "correlation-id";
  private static final String REPLY_TO = "reply-to";
  private static final String MESSAGE_ID = "message-id";
  private static final String TYPE = "type";
  private static final String APP_ID = "app-id";

  private RabbitMqHeaderText() {}

  static Map<String, String> write(AMQP.BasicProperties properties) {
    Map<String, String> texts = new LinkedHashMap<>();
    put(texts, CONTENT_TYPE, properties.getContentType());
    put(texts, CONTENT_ENCODING, properties.getContentEncoding());
    put(texts, CORRELATION_ID, properties.getCorrelationId());
    put(texts, REPLY_TO, properties.getReplyTo());
    put(texts, MESSAGE_ID, properties.getMessageId());
    put(texts, TYPE, properties.getType());
    put(texts, APP_ID, properties.getAppId());
    if (properties.getHeaders() != null) {
      properties
          .getHeaders()
          .forEach((name, value) -> texts.put(
              isProperty(name) || texts.containsKey(name) ? HEADERS + name : name, text(value)));
    }
    return texts;
  }

  private static void put(Map<String, String> texts, String name, @Nullable String value) {
    if (value != null) {
      texts.put(name, text(value));
    }
  }

  static AMQP.BasicProperties read(Map<String, String> texts) {
    AMQP.BasicProperties.Builder properties = new AMQP.BasicProperties.Builder();
    Map<String, Object> headers = new LinkedHashMap<>();
    texts.forEach((name, text) -> {
      if (isProperty(name)) {
        property(properties, name, String.valueOf(value(text)));
      } else {
        headers.put(
            name.startsWith(HEADERS) ? name.substring(HEADERS.length()) : name, value(text));
      }
    });
    return properties.headers(headers).build();
  }

  private static boolean isProperty(String name) {
    return switch (name) {
      case CONTENT_TYPE, CONTENT_ENCODING, CORRELATION_ID, REPLY_TO, MESSAGE_ID, TYPE, APP_ID ->
        true;
      default -> false;
    };
  }

  private static void property(AMQP.BasicProperties.Builder properties, String name, String value) {
    switch (name) {
      case CONTENT_TYPE -> properties.contentType(value);
      case CONTENT_ENCODING -> properties.contentEncoding(value);
      case CORRELATION_ID -> properties.correlationId(value);
      case REPLY_TO -> properties.replyTo(value);
      case MESSAGE_ID -> properties.messageId(value);
      case TYPE -> properties.type(value);
      default -> properties.appId(value);
    }
  }

  private static String text(@Nullable Object value) {
    if (value == null) {
      return NULL;
    }
    byte[] bytes = bytes(value);
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (!text.startsWith("data:") && text.indexOf('\0') < 0) {
        return text;
      }
    } catch (CharacterCodingException e) {
      return BYTES + Base64.getEncoder().encodeToString(bytes);
    }
    return BYTES + Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] bytes(Object value) {
    if (value instanceof LongString text) {
      return text.getBytes();
    }
    return value instanceof byte[] bytes
        ? bytes
        : value.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable LongString value(String text) {
    if (text.equals(NULL)) {
      return null;
    }
    return LongStringHelper.asLongString(
        text.startsWith(BYTES)
            ? Base64.getDecoder().decode(text.substring(BYTES.length()))
            : text.getBytes(StandardCharsets.UTF_8));
  }
}
