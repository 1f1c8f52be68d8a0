package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.storage.lineage.ArtifactRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The {@code README.md} of an exported model: what lineage knows, and nothing made up. */
final class ModelCard {
  private ModelCard() {}

  static String text(StoredModel model, ModelFacts facts) {
    List<String> lines = new ArrayList<>();
    lines.add(
        """
        ---
        library_name: transformers
        pipeline_tag: image-feature-extraction
        tags: [dinov3, dinoflow]
        ---

        # %s at step %s

        A frozen image backbone in the layout of DINOv3, trained and exported by dinoflow.
        %s, features of width %d, one patch every %d pixels, trained at %d px.

        ```python
        from transformers import AutoImageProcessor, AutoModel

        processor = AutoImageProcessor.from_pretrained(".")
        model = AutoModel.from_pretrained(".").eval()
        outputs = model(**processor(images=picture, return_tensors="pt"))
        outputs.pooler_output  # the class token
        ```

        ## Where it came from

        | fact | value |
        |---|---|\
        """
            .formatted(
                model.checkpoint().track(),
                Quantities.count(model.checkpoint().step()),
                parameters(model),
                model.tower().backbone().features(),
                model.tower().backbone().stride(),
                model.tower().imageSize()));
    row(lines, "checkpoint", code(model.checkpoint().id()));
    row(lines, "state digest", code(model.checkpoint().stateDigest()));
    row(lines, "run", model.run().id());
    row(lines, "recipe", model.run().recipeName() + ", " + code(model.run().recipeDigest()));
    row(lines, "stage", model.subject());
    row(lines, "steps", Quantities.count(model.checkpoint().step()));
    row(lines, "code version", "dinoflow " + facts.environment().codeVersion());
    row(lines, "engine", facts.environment().engine() + ", " + facts.environment().device());
    for (ArtifactRow source : facts.sources()) {
      String kind = source.ref().kind().name().toLowerCase(Locale.ROOT);
      String samples =
          source.facts().containsKey("samples")
              ? ", %s pictures".formatted(source.facts().get("samples"))
              : "";
      row(lines, kind, source.name() + samples + ", " + code(source.ref().id()));
    }
    row(
        lines,
        "licence of the pictures",
        facts.licences().isEmpty() ? "not recorded" : String.join("; ", facts.licences()));
    if (!facts.origins().isEmpty()) {
      lines.add("");
      facts.origins().forEach(origin -> lines.add("- " + origin));
    }
    lines.add("");
    lines.add("## Scores");
    lines.add("");
    if (facts.scores().isEmpty()) {
      lines.add("No evaluation measured this checkpoint.");
    } else {
      lines.add("| metric | value | standard error |");
      lines.add("|---|---:|---:|");
      for (Metric score : facts.scores()) {
        row(
            lines,
            score.name(),
            Quantities.value(score.value())
                + " | "
                + score.standardError().map(Quantities::value).orElse(""));
      }
    }
    return String.join("\n", lines) + "\n";
  }

  private static String parameters(StoredModel model) {
    long count =
        Backbones.of(model.tower().backbone()).parameters().stream()
            .mapToLong(ParameterSpec::size)
            .sum();
    return Quantities.count(count) + " parameters";
  }

  private static String code(Object value) {
    return "`" + value + "`";
  }

  private static void row(List<String> lines, String fact, Object value) {
    lines.add("| %s | %s |".formatted(fact, value));
  }
}
