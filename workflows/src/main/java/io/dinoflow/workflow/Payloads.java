package io.dinoflow.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.temporal.api.common.v1.Payload;
import io.temporal.common.converter.ByteArrayPayloadConverter;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DataConverterException;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import io.temporal.common.converter.NullPayloadConverter;
import java.lang.reflect.Type;

/**
 * The one data converter: JSON with the recipe's snake_case names.
 *
 * <p>Readers are lenient, so that a history written by another edition still replays: unknown
 * fields are ignored, missing optional ones are empty. The strict boundary is openRun, which gets
 * the request as a tree; so even text that is no JSON reaches it, instead of failing the workflow
 * task for ever.
 */
public final class Payloads {
  private Payloads() {}

  /** Jackson as histories, results and heartbeat details use it. */
  public static ObjectMapper mapper() {
    return JsonMapper.builder()
        .addModule(new Jdk8Module())
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .build();
  }

  /** Every client, worker and test uses this converter. */
  public static DataConverter converter() {
    return new DefaultDataConverter(
        new NullPayloadConverter(),
        new ByteArrayPayloadConverter(),
        new TreeTolerantJson(mapper()));
  }

  /** A tree is never refused: what is no JSON becomes a text node. */
  private static final class TreeTolerantJson extends JacksonJsonPayloadConverter {
    private final ObjectMapper mapper;

    TreeTolerantJson(ObjectMapper mapper) {
      super(mapper);
      this.mapper = mapper;
    }

    @Override
    public <T> T fromData(Payload content, Class<T> valueClass, Type valueType)
        throws DataConverterException {
      if (valueClass != JsonNode.class) {
        return super.fromData(content, valueClass, valueType);
      }
      String text = content.getData().toStringUtf8();
      try {
        return valueClass.cast(mapper.readTree(text));
      } catch (JsonProcessingException e) {
        return valueClass.cast(TextNode.valueOf(text));
      }
    }
  }
}
