package io.dinoflow.model.kernel;

import io.dinoflow.model.artifact.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs the kernel texts into the archive that libtorch loads: a stored zip of data.pkl, one code
 * file, constants.pkl and version. Nothing binary lies in the source tree.
 */
public final class KernelArchive {
  private static final List<String> TEXTS =
      List.of(
          "tensors",
          "transformer",
          "convnext",
          "heads",
          "losses",
          "optimizer",
          "backward",
          "evaluation");
  private static final String HEADER =
      "class Kernels(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n";

  private KernelArchive() {}

  /** All kernel texts as one module. */
  public static String source() {
    StringBuilder source = new StringBuilder(HEADER);
    for (String text : TEXTS) {
      String resource = "/torchscript/" + text + "/" + text + ".py";
      try (InputStream in = KernelArchive.class.getResourceAsStream(resource)) {
        if (in == null) {
          throw new IllegalStateException("kernel text " + resource + " is missing from the jar");
        }
        source.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read kernel text " + resource, e);
      }
    }
    return source.toString();
  }

  /** Digest of the texts: part of what a stage's result depends on. */
  public static Sha256 digest() {
    return Sha256.ofText(source());
  }

  static byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      put(zip, "kernels/data.pkl", moduleState());
      put(zip, "kernels/code/__torch__.py", source().getBytes(StandardCharsets.UTF_8));
      put(zip, "kernels/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      put(zip, "kernels/version", "3".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot pack the kernels in memory", e);
    }
    return out.toByteArray();
  }

  /** A pickle of an instance of __torch__.Kernels with training = false. */
  private static byte[] moduleState() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 2});
    pickle.writeBytes("c__torch__\nKernels\n)".getBytes(StandardCharsets.UTF_8));
    pickle.writeBytes(new byte[] {(byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
    pickle.writeBytes("training".getBytes(StandardCharsets.UTF_8));
    pickle.writeBytes(new byte[] {(byte) 0x89, 'u', 'b', '.'});
    return pickle.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCompressedSize(bytes.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
