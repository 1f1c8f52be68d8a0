package io.dinoflow.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Between {@link Preprocessing} and a directory's {@code preprocessor_config.json}. */
final class HubPreprocessor {
  static final String FILE = "preprocessor_config.json";
  private static final int BILINEAR = 2;
  private static final double LEVEL = 1.0 / 255;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> INDIFFERENT =
      List.of(
          "crop_size",
          "data_format",
          "default_to_square",
          "device",
          "disable_grouping",
          "do_convert_rgb",
          "image_processor_type",
          "image_seq_length",
          "input_data_format",
          "pad_size",
          "processor_class",
          "return_tensors");

  private HubPreprocessor() {}

  static Preprocessing read(JsonNode config, int imageSize) {
    Keys keys = new Keys(FILE, config).ignored(INDIFFERENT);
    for (String step : List.of("do_resize", "do_rescale", "do_normalize")) {
      keys.require(keys.flag(step, true), step, "true");
    }
    for (String step : List.of("do_center_crop", "do_pad")) {
      keys.require(!keys.flag(step, false), step, "false");
    }
    keys.require(
        keys.whole("resample", BILINEAR) == BILINEAR, "resample", "2, the bilinear filter");
    keys.require(
        Math.abs(keys.number("rescale_factor", LEVEL) - LEVEL) < 1e-9, "rescale_factor", "1/255");
    JsonNode size = keys.node("size");
    int side = size.isMissingNode() ? imageSize : size.path("height").asInt();
    keys.require(
        size.isMissingNode()
            || (size.size() == 2 && side > 0 && size.path("width").asInt() == side),
        "size",
        "an equal height and width");
    List<Double> mean = keys.numbers("image_mean", Preprocessing.IMAGENET.mean());
    List<Double> std = keys.numbers("image_std", Preprocessing.IMAGENET.std());
    keys.check();
    try {
      return new Preprocessing(side, mean, std);
    } catch (IllegalArgumentException e) {
      throw new UnsupportedModelException(FILE + ": " + e.getMessage(), e);
    }
  }

  static ObjectNode write(Preprocessing preprocessing) {
    ObjectNode json = JSON.createObjectNode();
    json.put("image_processor_type", "DINOv3ViTImageProcessorFast");
    json.put("do_resize", true);
    json.putObject("size").put("height", preprocessing.side()).put("width", preprocessing.side());
    json.put("resample", BILINEAR);
    json.put("do_rescale", true);
    json.put("rescale_factor", LEVEL);
    json.put("do_normalize", true);
    ArrayNode mean = json.putArray("image_mean");
    preprocessing.mean().forEach(mean::add);
    ArrayNode std = json.putArray("image_std");
    preprocessing.std().forEach(std::add);
    return json;
  }
}
