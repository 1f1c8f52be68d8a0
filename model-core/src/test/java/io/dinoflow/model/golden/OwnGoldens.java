package io.dinoflow.model.golden;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * The project's own goldens hold fixtures of this test class: it runs over them too, in an
 * execution of its own that takes the classes of this tag. The inventory test requires the mark
 * where it is true, and nowhere else.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("own-goldens")
public @interface OwnGoldens {}
