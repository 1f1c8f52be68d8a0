package io.dinoflow.storage.object;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class FileObjectStoreTest extends ObjectStoreContract {
  @TempDir Path root;
  private ObjectStore store;

  @BeforeEach
  void open() {
    store = new FileObjectStore(root);
  }

  @Override
  protected ObjectStore store() {
    return store;
  }
}
