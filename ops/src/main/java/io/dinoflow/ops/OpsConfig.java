package io.dinoflow.ops;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where every service is, and how to be let in: the whole configuration of a process.
 *
 * <p>The embedded stack and a production environment speak the same variables, so a worker never
 * knows which of the two started it. {@link #of} reads them and reports every problem together;
 * {@link #toEnvironment} writes them for a child process.
 */
public record OpsConfig(
    Home home,
    Database database,
    ObjectStorage objects,
    Temporal temporal,
    Optional<String> uiUrl,
    Optional<String> pageUrl,
    Profile profile) {

  /** PostgreSQL, as JDBC wants it. */
  public record Database(String url, String user, String password) {}

  /** An S3 server and the one bucket in it that is ours. */
  public record ObjectStorage(URI endpoint, String bucket, String accessKey, String secretKey) {}

  /** Temporal's frontend ({@code host:port}) and namespace. */
  public record Temporal(String address, String namespace) {}

  public static final String DB_URL = "DINOFLOW_DB_URL";
  public static final String DB_USER = "DINOFLOW_DB_USER";
  public static final String DB_PASSWORD = "DINOFLOW_DB_PASSWORD";
  public static final String S3_ENDPOINT = "DINOFLOW_S3_ENDPOINT";
  public static final String S3_BUCKET = "DINOFLOW_S3_BUCKET";
  public static final String S3_ACCESS_KEY = "DINOFLOW_S3_ACCESS_KEY";
  public static final String S3_SECRET_KEY = "DINOFLOW_S3_SECRET_KEY";
  public static final String TEMPORAL_ADDRESS = "TEMPORAL_ADDRESS";
  public static final String TEMPORAL_NAMESPACE = "TEMPORAL_NAMESPACE";
  public static final String UI_URL = "DINOFLOW_TEMPORAL_UI_URL";
  public static final String PAGE_URL = "DINOFLOW_PAGE_URL";

  public static final String PROFILE_VARIABLE = "DINOFLOW_PROFILE";

  public static final String DEFAULT_BUCKET = "dinoflow";
  public static final String DEFAULT_NAMESPACE = "default";

  /** Reads the whole configuration; throws {@link ConfigProblemsException} naming all problems. */
  public static OpsConfig of(Map<String, String> environment) {
    Reader reader = new Reader(environment);
    Database database =
        new Database(
            reader.required(DB_URL, "a JDBC URL such as jdbc:postgresql://host:5432/dinoflow"),
            reader.optional(DB_USER, "postgres"),
            reader.optional(DB_PASSWORD, ""));
    if (!database.url().isEmpty() && !database.url().startsWith("jdbc:postgresql:")) {
      reader.problem(DB_URL, database.url(), "must start with jdbc:postgresql:");
    }
    ObjectStorage objects =
        new ObjectStorage(
            reader.endpoint(S3_ENDPOINT, "an S3 endpoint such as http://host:9000"),
            reader.optional(S3_BUCKET, DEFAULT_BUCKET),
            reader.required(S3_ACCESS_KEY, "the access key of the S3 server"),
            reader.required(S3_SECRET_KEY, "the secret key of the S3 server"));
    Temporal temporal =
        new Temporal(
            reader.required(TEMPORAL_ADDRESS, "host:port of Temporal's frontend"),
            reader.optional(TEMPORAL_NAMESPACE, DEFAULT_NAMESPACE));
    if (!temporal.address().isEmpty() && !temporal.address().matches(".+:\\d{1,5}")) {
      reader.problem(TEMPORAL_ADDRESS, temporal.address(), "must be host:port");
    }
    Profile profile = reader.profile();
    reader.throwProblems();
    return new OpsConfig(
        Home.of(environment),
        database,
        objects,
        temporal,
        reader.present(UI_URL),
        reader.present(PAGE_URL),
        profile);
  }

  /** The variables that make {@link #of} return this configuration again. */
  public Map<String, String> toEnvironment() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("DINOFLOW_HOME", home.toString());
    variables.put(DB_URL, database.url());
    variables.put(DB_USER, database.user());
    variables.put(DB_PASSWORD, database.password());
    variables.put(S3_ENDPOINT, objects.endpoint().toString());
    variables.put(S3_BUCKET, objects.bucket());
    variables.put(S3_ACCESS_KEY, objects.accessKey());
    variables.put(S3_SECRET_KEY, objects.secretKey());
    variables.put(TEMPORAL_ADDRESS, temporal.address());
    variables.put(TEMPORAL_NAMESPACE, temporal.namespace());
    uiUrl.ifPresent(url -> variables.put(UI_URL, url));
    pageUrl.ifPresent(url -> variables.put(PAGE_URL, url));
    variables.put(PROFILE_VARIABLE, profile.word());
    return Map.copyOf(variables);
  }

  /** Without secrets: a configuration may end in a log. */
  @Override
  public String toString() {
    return "OpsConfig[home=%s, database=%s, objects=%s/%s, temporal=%s/%s]"
        .formatted(
            home,
            database.url(),
            objects.endpoint(),
            objects.bucket(),
            temporal.address(),
            temporal.namespace());
  }

  /** Takes variables from an environment and collects what is wrong with them. */
  private static final class Reader {
    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    Reader(Map<String, String> environment) {
      this.environment = environment;
    }

    String required(String name, String what) {
      return present(name)
          .orElseGet(
              () -> {
                problems.add("%s is not set: give %s".formatted(name, what));
                return "";
              });
    }

    String optional(String name, String fallback) {
      return present(name).orElse(fallback);
    }

    Optional<String> present(String name) {
      return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    URI endpoint(String name, String what) {
      String value = required(name, what);
      try {
        URI uri = new URI(value);
        if (!value.isEmpty() && (uri.getHost() == null || uri.getScheme() == null)) {
          problem(name, value, "must be http://host:port or https://host:port");
        }
        return uri;
      } catch (URISyntaxException e) {
        problem(name, value, "must be http://host:port or https://host:port");
        return URI.create("");
      }
    }

    Profile profile() {
      String word = optional(PROFILE_VARIABLE, Profile.EMBEDDED.word());
      return Profile.ofWord(word)
          .orElseGet(
              () -> {
                problem(PROFILE_VARIABLE, word, "must be one of " + Profile.words());
                return Profile.EMBEDDED;
              });
    }

    void problem(String name, String value, String rule) {
      problems.add("%s is \"%s\": it %s".formatted(name, value, rule));
    }

    void throwProblems() {
      if (!problems.isEmpty()) {
        throw new ConfigProblemsException(problems);
      }
    }
  }
}
