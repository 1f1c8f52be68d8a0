package io.dinoflow.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dinoflow.storage.artifact.ArtifactManifest;
import io.dinoflow.storage.artifact.CanonicalJson;

class ManifestFuzzTest {

  @FuzzTest
  void readsAManifestOrSaysThatItIsNone(byte[] bytes) {
    try {
      Manifest manifest = CanonicalJson.read(bytes, Manifest.class);
      assertThat(CanonicalJson.read(CanonicalJson.bytes(manifest), Manifest.class))
          .isEqualTo(manifest);
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining("Manifest");
    }
    try {
      CanonicalJson.read(bytes, ArtifactManifest.class);
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining("ArtifactManifest");
    }
  }
}
