package io.dinoflow.model.golden;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Says which fixtures a test class consumes. Where the folder of fixtures is absent, each of its
 * tests is skipped with the folder's name; where it exists, a missing fixture fails unless the
 * folder says that it is a part, and so does a tensor that no test of the class has read.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(GoldenExtension.class)
public @interface GoldenFixture {

  /** Names without suffix; a folder's name stands for all its files. */
  String[] value();
}
