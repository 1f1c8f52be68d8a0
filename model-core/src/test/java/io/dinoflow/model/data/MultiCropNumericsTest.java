package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.data.BatchSpec.GramCrops;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.recipe.CropRecipe;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

@GoldenFixture({"crop_stats", "multicrop_structure"})
class MultiCropNumericsTest {

  @TestFactory
  List<DynamicTest> viewsHaveTheOfficialShapes() {
    List<DynamicTest> tests = new ArrayList<>();
    Golden.json("multicrop_structure")
        .get("values")
        .properties()
        .forEach(
            e -> tests.add(DynamicTest.dynamicTest(e.getKey(), () -> compareShapes(e.getValue()))));
    assertThat(tests).isNotEmpty();
    return tests;
  }

  private static void compareShapes(JsonNode golden) throws IOException {
    JsonNode args = golden.get("args");
    int gram = args.path("gram_teacher_crops_size").asInt(0);
    CropRecipe.Size size =
        new CropRecipe.Size(
            args.get("global_crops_size").asInt(), args.get("local_crops_size").asInt(), gram, 1);
    CropRecipe crops =
        TestPictures.crops(List.of(size), args.path("gram_teacher_no_distortions").asBoolean());
    GramCrops gramCrops = gram > 0 ? GramCrops.MADE : GramCrops.NONE;
    int pictures = 2;
    Batch batch =
        new MultiCropAssembler(
                TestPictures.samples(3),
                TestPictures.images(Set.of()),
                new BatchSpec(1, pictures, crops, gramCrops, 8, 0.5, List.of(0.1, 0.5)))
            .slot()
            .assemble(0);
    JsonNode shapes = golden.get("shapes");
    assertThat(batch.globals().remaining()).isEqualTo(pictures * values(shapes, "global_crops"));
    assertThat(batch.locals().remaining()).isEqualTo(pictures * values(shapes, "local_crops"));
    assertThat(batch.grams().remaining())
        .isEqualTo(pictures * values(shapes, "gram_teacher_crops"));
  }

  private static int values(JsonNode shapes, String view) {
    int sum = 0;
    for (JsonNode shape : shapes.path(view)) {
      sum += shape.get(0).asInt() * shape.get(1).asInt() * shape.get(2).asInt();
    }
    return sum;
  }

  @Test
  void viewsAreDistortedAsOftenAsTheOfficialCodeDoes() {
    JsonNode measured = Golden.json("crop_stats").get("values").get("probabilities_measured");
    assertThat(changed(0, 0, 0, 1, 0)).isZero();
    assertThat(changed(1, 0, 0, 1, 0))
        .isCloseTo(measured.get("gaussian_blur_declared_p0.1").asDouble(), within(0.05));
    assertThat(changed(2, 0, 0, 1, 0))
        .isCloseTo(measured.get("gaussian_blur_declared_p0.5").asDouble(), within(0.05));
    assertThat(changed(0, 1, 0, 0, 0))
        .isCloseTo(measured.get("color_jitter_p0.8").asDouble(), within(0.05));
    assertThat(changed(0, 0, 1, 0, 0))
        .isCloseTo(measured.get("grayscale_p0.2").asDouble(), within(0.05));
    assertThat(changed(1, 0, 0, 0, 1))
        .isCloseTo(measured.get("solarize_p0.2").asDouble(), within(0.05));
    assertThat(changed(0, 0, 0, 0, 1)).isZero();
    assertThat(changed(2, 0, 0, 0, 1)).isZero();
  }

  /** Share of the draws in which a view with these multipliers differs from the plain crop. */
  private static double changed(
      int view, double jitter, double grayscale, double blur, double solarize) {
    MultiCrop plain = new MultiCrop(9, crops(0, 0, 0, 0), GramCrops.NONE);
    MultiCrop distorting =
        new MultiCrop(9, crops(jitter, grayscale, blur, solarize), GramCrops.NONE);
    RgbImage image = picture();
    int n = 1000;
    int changed = 0;
    for (int step = 0; step < n; step++) {
      changed += view(plain, image, step, view).equals(view(distorting, image, step, view)) ? 0 : 1;
    }
    return changed / (double) n;
  }

  private static FloatBuffer view(MultiCrop crops, RgbImage image, long step, int view) {
    FloatBuffer out = FloatBuffer.allocate(3 * 16 * 16);
    CropRecipe.Size size = new CropRecipe.Size(16, 16, 0, 1);
    if (view < MultiCrop.GLOBALS) {
      crops.global(image, size, step, 0, view, out, 0, FloatBuffer.allocate(0), 0);
    } else {
      crops.local(image, size, step, 0, view, out, 0);
    }
    return out;
  }

  private static CropRecipe crops(double jitter, double grayscale, double blur, double solarize) {
    return new CropRecipe(
        List.of(new CropRecipe.Size(16, 16, 0, 1)),
        List.of(1.0, 1.0),
        1,
        List.of(1.0, 1.0),
        false,
        true,
        jitter,
        grayscale,
        blur,
        solarize,
        List.of(0.5, 0.5, 0.5),
        List.of(0.5, 0.5, 0.5));
  }

  private static RgbImage picture() {
    byte[] rgb = new byte[3 * 16 * 16];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 5 + i / 48 * 11);
    }
    return new RgbImage(16, 16, rgb);
  }
}
