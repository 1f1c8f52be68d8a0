package io.dinoflow.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a safetensors header may say, and every way in which it may be wrong. */
class TensorFileTest {
  @TempDir private Path folder;

  private Path file(long headerBytes, String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(Long.BYTES + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(headerBytes).put(json);
    return Files.write(folder.resolve("x.safetensors"), all.array());
  }

  private Path file(String header, int dataBytes) throws IOException {
    return file(header.getBytes(StandardCharsets.UTF_8).length, header, dataBytes);
  }

  @Test
  void saysWhereEveryTensorLies() throws IOException {
    String header =
        """
        {"__metadata__":{"format":"pt","note":"x"},
         "b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]},
         "a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},
         "empty":{"dtype":"I64","shape":[0,3],"data_offsets":[4,4]},
         "scalar":{"dtype":"U8","shape":[],"data_offsets":[12,13]}}\
        """;
    TensorFile file = TensorFile.read(file(header, 13));
    long data = Long.BYTES + header.length();
    assertThat(file.tensors().stream().map(StoredTensor::name))
        .containsExactly("b", "a", "empty", "scalar");
    StoredTensor b = file.find("b").orElseThrow();
    assertThat(b.type()).isEqualTo(ElementType.F32);
    assertThat(b.shape()).containsExactly(2L, 1L);
    assertThat(b.position()).isEqualTo(data + 4);
    assertThat(b.bytes()).isEqualTo(8);
    assertThat(file.metadata()).containsEntry("note", "x").hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "[];0;its header is no JSON object",
        "{\"a\":1;0;its header is not JSON",
        "{} {};0;its header is not JSON",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}};8;Duplicate field 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}};4;Duplicate field 'dtype'",
        "{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}};4;tensor \"a\" has dtype \"F33\"",
        "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}};4;tensor \"a\" has dtype",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":4,\"data_offsets\":[0,4]}};4;tensor \"a\" lacks a shape",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}};4;tensor \"a\" lacks a shape or two data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}};4;tensor \"a\" has a shape or offset out of range",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,6]}};6;tensor \"a\" has a shape or offset out of range",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}};4;tensor \"a\" has a shape or offset out of range",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}};0;tensor \"a\" has a shape or offset out of range",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,4]}};4;tensor \"a\" has a shape or offset out of range",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807],\"data_offsets\":[0,9223372036854775807]}};0;tensor \"a\" ends at 9223372036854775807, beyond the 0 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}};0;tensor \"a\" has a shape or offset out of range",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}};4;tensor \"a\" spans 4 bytes, its shape and dtype need 8",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}};4;tensor \"a\" spans -4 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}};8;tensor \"b\" begins at 4, must begin at 8: tensors overlap",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}};12;tensor \"b\" begins at 8, must begin at 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}};8;tensor \"a\" begins at 4, must begin at 0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}};4;tensor \"a\" ends at 8, beyond the 4 bytes of data",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}};9;its data has 9 bytes, its tensors cover 4",
        "{\"__metadata__\":[]};0;__metadata__ is no JSON object",
        "{\"__metadata__\":{\"format\":1}};0;__metadata__ \"format\" is no text"
      })
  void refusesWhatIsMalformedAndNamesTheTensor(String header, int dataBytes, String why)
      throws IOException {
    Path file = file(header, dataBytes);
    assertThatThrownBy(() -> TensorFile.read(file))
        .isInstanceOf(MalformedSafetensorsException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(why);
  }

  @Test
  void refusesHeaderLengthsThatCannotBe() throws IOException {
    for (long claimed : List.of(0L, 1L, 3L, 100_000_001L, -1L, Long.MAX_VALUE)) {
      Path file = file(claimed, "{}", 0);
      assertThatThrownBy(() -> TensorFile.read(file))
          .as("%d", claimed)
          .isInstanceOf(MalformedSafetensorsException.class)
          .hasMessageContaining("must be from 2 to 100000000 and within the file's 10");
    }
    Path stub = Files.write(folder.resolve("stub"), new byte[7]);
    assertThatThrownBy(() -> TensorFile.read(stub)).hasMessageContaining("it has 7 bytes");
  }

  @Test
  void refusesNamesAndNestingBeyondReason() throws IOException {
    Path deep = file("{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}", 0);
    assertThatThrownBy(() -> TensorFile.read(deep)).hasMessageContaining("not JSON");
  }

  @Test
  void writesPiecesOfOtherFilesInOrder() throws IOException {
    Path source = Files.write(folder.resolve("source"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    Path target = folder.resolve("out.safetensors");
    TensorDraft joined =
        new TensorDraft(
            "joined",
            ElementType.U8,
            List.of(2L, 3L),
            List.of(
                new TensorDraft.Stretch(source, 6, 2),
                new TensorDraft.Zeros(1),
                new TensorDraft.Stretch(source, 0, 3)));
    TensorDraft first =
        new TensorDraft(
            "a", ElementType.I8, List.of(1L), List.of(new TensorDraft.Stretch(source, 4, 1)));
    var written = TensorWriter.write(target, "out", List.of(joined, first), TensorWriter.PLAIN);
    assertThat(written.bytes()).isEqualTo(Files.size(target));
    assertThat(written.sha256())
        .isEqualTo(io.dinoflow.model.artifact.Sha256.of(Files.readAllBytes(target)));
    TensorFile read = TensorFile.read(target);
    assertThat(read.tensors().stream().map(StoredTensor::name)).containsExactly("a", "joined");
    assertThat(bytes(read.find("a").orElseThrow())).containsExactly(5);
    assertThat(bytes(read.find("joined").orElseThrow())).containsExactly(7, 8, 0, 1, 2, 3);
    assertThat(read.tensors().get(0).position() % 8).isZero();
  }

  @Test
  void widensHalfPrecisionWithoutLoss() throws IOException {
    short[] bf16 = {0x3F80, (short) 0xC049, 0x0001, 0x7F80, (short) 0x8000};
    short[] f16 = {0x3C00, (short) 0xC000, 0x0001, 0x7C00, (short) 0x8000, 0x3555, 0x03FF, 0x7BFF};
    Path source = folder.resolve("halves");
    ByteBuffer raw =
        ByteBuffer.allocate(2 * (bf16.length + f16.length)).order(ByteOrder.LITTLE_ENDIAN);
    for (short s : bf16) {
      raw.putShort(s);
    }
    for (short s : f16) {
      raw.putShort(s);
    }
    Files.write(source, raw.array());
    TensorDraft brain =
        new TensorDraft(
            "brain",
            ElementType.BF16,
            List.of(5L),
            List.of(new TensorDraft.Stretch(source, 0, 10)));
    TensorDraft half =
        new TensorDraft(
            "half", ElementType.F16, List.of(8L), List.of(new TensorDraft.Stretch(source, 10, 16)));
    Path target = folder.resolve("wide.safetensors");
    TensorWriter.write(target, "wide", List.of(brain.inFp32(), half.inFp32()), TensorWriter.PLAIN);
    TensorFile read = TensorFile.read(target);
    assertThat(floats(read.find("brain").orElseThrow()))
        .containsExactly(1f, -3.140625f, 0x1p-133f, Float.POSITIVE_INFINITY, -0f);
    assertThat(floats(read.find("half").orElseThrow()))
        .containsExactly(
            1f,
            -2f,
            0x1p-24f,
            Float.POSITIVE_INFINITY,
            -0f,
            0.333251953125f,
            1023 * 0x1p-24f,
            65504f);
    assertThatThrownBy(() -> integers().inFp32()).hasMessageContaining("\"n\" is I32, must be F32");
  }

  private static TensorDraft integers() {
    return new TensorDraft("n", ElementType.I32, List.of(1L), List.of(new TensorDraft.Zeros(4)));
  }

  @Test
  void aDraftWhosePiecesDoNotFillItIsRefused() {
    assertThatThrownBy(
            () ->
                new TensorDraft(
                    "w", ElementType.F32, List.of(2L, 2L), List.of(new TensorDraft.Zeros(12))))
        .hasMessageContaining("tensor \"w\" of F32 [2, 2] needs 16 bytes, its pieces have 12");
  }

  @Test
  void stretchesLongerThanAChunkArriveWhole() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 3_000_000; i++) {
      all.write(new byte[] {(byte) i, (byte) (i >> 8), (byte) (i >> 16)}, 0, 3);
    }
    Path source = Files.write(folder.resolve("long"), all.toByteArray());
    TensorDraft draft =
        new TensorDraft(
            "long",
            ElementType.U8,
            List.of(8_999_997L),
            List.of(new TensorDraft.Stretch(source, 3, 8_999_997)));
    Path target = folder.resolve("long.safetensors");
    TensorWriter.write(target, "long", List.of(draft), TensorWriter.PLAIN);
    byte[] expected = new byte[8_999_997];
    System.arraycopy(all.toByteArray(), 3, expected, 0, expected.length);
    assertThat(bytes(TensorFile.read(target).tensors().get(0))).isEqualTo(expected);
  }

  private static byte[] bytes(StoredTensor tensor) throws IOException {
    byte[] all = Files.readAllBytes(tensor.file());
    byte[] own = new byte[Math.toIntExact(tensor.bytes())];
    System.arraycopy(all, Math.toIntExact(tensor.position()), own, 0, own.length);
    return own;
  }

  private static float[] floats(StoredTensor tensor) throws IOException {
    float[] values = new float[Math.toIntExact(tensor.bytes() / 4)];
    ByteBuffer.wrap(bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
