package dev.msk.examples.keycloak;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A browser of a user: keeps cookies for each host, and fills in Keycloak's login form. Confined to one thread. */
final class Browser {

  private static final Pattern FORM = Pattern.compile("<form[^>]*id=\"kc-form-login\"[^>]*>");
  private static final Pattern ACTION = Pattern.compile("action=\"([^\"]+)\"");

  private final HttpClient client =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
  private final Map<String, Map<String, String>> cookies = new HashMap<>();

  /** From the gateway to Keycloak and back; the last answer is the gateway's. */
  HttpResponse<String> logIn(URI gateway, String user, String password) throws Exception {
    HttpResponse<String> sent = send(get(gateway.resolve("/login")));
    HttpResponse<String> page = send(get(location(sent)));
    Matcher form = FORM.matcher(page.body());
    Matcher action = ACTION.matcher(form.find() ? form.group() : "");
    if (!action.find()) {
      throw new IOException(
          page.uri() + ": status " + page.statusCode() + ", no login form in " + page.body());
    }
    URI target = page.uri().resolve(action.group(1).replace("&amp;", "&"));
    String fields = "username=" + encoded(user) + "&password=" + encoded(password);
    HttpResponse<String> passed = send(HttpRequest.newBuilder(target)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString(fields)));
    if (passed.statusCode() != 302) {
      throw new IOException(target + ": status " + passed.statusCode() + " " + passed.body());
    }
    return send(get(location(passed)));
  }

  /** Sends a request with the cookies of its host, and keeps those of the answer. */
  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    URI uri = request.copy().build().uri();
    Map<String, String> own =
        cookies.computeIfAbsent(uri.getRawAuthority(), authority -> new HashMap<>());
    if (!own.isEmpty()) {
      request.header("Cookie", cookies(uri));
    }
    HttpResponse<String> answer =
        client.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofString());
    answer.headers().allValues("Set-Cookie").forEach(cookie -> keep(own, cookie));
    return answer;
  }

  /** The header {@code Cookie} for a host. */
  String cookies(URI uri) {
    return cookies.getOrDefault(uri.getRawAuthority(), Map.of()).entrySet().stream()
        .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
        .collect(Collectors.joining("; "));
  }

  private static HttpRequest.Builder get(URI uri) {
    return HttpRequest.newBuilder(uri);
  }

  private static URI location(HttpResponse<?> answer) throws IOException {
    return answer
        .headers()
        .firstValue("Location")
        .map(answer.uri()::resolve)
        .orElseThrow(() -> new IOException(
            answer.uri() + ": status " + answer.statusCode() + ", no redirect: " + answer.body()));
  }

  private static void keep(Map<String, String> own, String setCookie) {
    String[] pair = setCookie.split(";", 2)[0].split("=", 2);
    if (pair[1].isEmpty() || setCookie.contains("Max-Age=0")) {
      own.remove(pair[0]);
    } else {
      own.put(pair[0], pair[1]);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
