package io.dinoflow.ops.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Does what Temporal's Web UI does when somebody presses "Start Workflow". */
public final class TemporalUi {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI ui;
  private final CookieManager cookies = new CookieManager();
  private final HttpClient http = HttpClient.newBuilder().cookieHandler(cookies).build();

  public TemporalUi(String url) {
    this.ui = URI.create(url.endsWith("/") ? url : url + "/");
  }

  /** Starts a PipelineWorkflow with the pasted JSON as its input; returns the HTTP status. */
  public int startPipeline(String workflowId, JsonNode pasted)
      throws IOException, InterruptedException {
    ObjectNode payload = JSON.createObjectNode();
    payload.putObject("metadata").put("encoding", base64("json/plain"));
    payload.put("data", base64(pasted.toString()));
    ObjectNode body = JSON.createObjectNode();
    body.put("workflowId", workflowId);
    body.putObject("taskQueue").put("name", "pipeline");
    body.putObject("workflowType").put("name", "PipelineWorkflow");
    body.putObject("input").putArray("payloads").add(payload);
    body.putObject("userMetadata");
    body.putNull("searchAttributes");
    String path = "api/v1/namespaces/default/workflows/" + workflowId;
    HttpRequest request =
        HttpRequest.newBuilder(ui.resolve(path))
            .header("Content-Type", "application/json")
            .header("X-CSRF-TOKEN", csrfToken())
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  /** The UI hands the token out as a cookie with any answer. */
  private String csrfToken() throws IOException, InterruptedException {
    http.send(
        HttpRequest.newBuilder(ui.resolve("api/v1/settings")).build(),
        HttpResponse.BodyHandlers.discarding());
    return cookies.getCookieStore().getCookies().stream()
        .filter(cookie -> cookie.getName().equals("_csrf"))
        .map(HttpCookie::getValue)
        .findFirst()
        .orElseThrow(() -> new AssertionError("the Web UI gave no CSRF cookie"));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
