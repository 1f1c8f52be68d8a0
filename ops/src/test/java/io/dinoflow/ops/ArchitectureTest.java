package io.dinoflow.ops;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.tensor.HostValues;
import io.dinoflow.ops.cli.ErrorReport;
import io.dinoflow.workflow.impl.Workflows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The rooms of the house and the doors between them, on the compiled classes of all modules.
 *
 * <p>An exception to a rule is named here with its reason, one class at a time.
 */
class ArchitectureTest {
  private static final Path ROOT = Path.of(System.getProperty("dinoflow.root"));
  private static final List<String> MODULES =
      List.of("model-core", "migrations", "storage", "workflows", "activities", "ops");

  private static final String MODEL = "io.dinoflow.model..";
  private static final String RECIPE = "io.dinoflow.model.recipe..";
  private static final String ARTIFACT = "io.dinoflow.model.artifact..";
  private static final String KERNEL = "io.dinoflow.model.kernel..";
  private static final String MIGRATIONS = "io.dinoflow.migrations..";
  private static final String STORAGE = "io.dinoflow.storage..";
  private static final String WORKFLOWS = "io.dinoflow.workflow..";
  private static final String WORKFLOW_IMPL = "io.dinoflow.workflow.impl..";
  private static final String ACTIVITIES = "io.dinoflow.activity..";
  private static final String OPS = "io.dinoflow.ops..";

  /** The one class that stands in a package of DJL's, to call what DJL keeps package-private. */
  private static final String KERNEL_CALLS = "ai.djl.pytorch.jni.KernelCalls";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importPaths(MODULES.stream().map(ArchitectureTest::compiled).toList());

  private static final DescribedPredicate<JavaClass> VOCABULARY =
      resideInAnyPackage(RECIPE, ARTIFACT).as("the vocabulary (recipe, artifact)");
  private static final DescribedPredicate<JavaClass> OURS =
      resideInAPackage("io.dinoflow..")
          .or(describe(KERNEL_CALLS, c -> c.getName().equals(KERNEL_CALLS)))
          .as("ours");

  @Test
  void modelCoreKnowsNoOtherModule() {
    noClasses()
        .that()
        .resideInAPackage(MODEL)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(MIGRATIONS, STORAGE, WORKFLOWS, ACTIVITIES, OPS, "io.temporal..")
        .because("the mathematics must be usable, and testable, without any service")
        .check(CLASSES);
  }

  @Test
  void theVocabularyIsPlainRecords() {
    classes()
        .that(VOCABULARY)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            RECIPE, ARTIFACT, "java..", "com.fasterxml.jackson..", "org.yaml.snakeyaml..")
        .because(
            "workflows and storage see it: with a tensor library in it they would carry one too")
        .check(CLASSES);
  }

  @Test
  void migrationsKnowNobody() {
    noClasses()
        .that()
        .resideInAPackage(MIGRATIONS)
        .should()
        .dependOnClassesThat(OURS.and(not(resideInAPackage(MIGRATIONS))))
        .because("a migration that was merged must mean the same whatever the code becomes")
        .check(CLASSES);
  }

  @Test
  void storageSeesOnlyTheVocabulary() {
    noClasses()
        .that()
        .resideInAPackage(STORAGE)
        .should()
        .dependOnClassesThat(OURS.and(not(resideInAPackage(STORAGE))).and(not(VOCABULARY)))
        .because("storage keeps bytes and facts and must not know what they mean")
        .check(CLASSES);
  }

  @Test
  void workflowsSeeOnlyTheVocabulary() {
    noClasses()
        .that()
        .resideInAPackage(WORKFLOWS)
        .should()
        .dependOnClassesThat(OURS.and(not(resideInAPackage(WORKFLOWS))).and(not(VOCABULARY)))
        .because("order and policy are replayed from histories: tensors and tables cannot be")
        .check(CLASSES);
  }

  @Test
  void activitiesSeeOnlyTheContractOfWorkflows() {
    noClasses()
        .that()
        .resideInAPackage(ACTIVITIES)
        .should()
        .dependOnClassesThat(resideInAnyPackage(WORKFLOW_IMPL, MIGRATIONS, OPS))
        .because("an activity does one effect; which comes next is not its business")
        .check(CLASSES);
  }

  @Test
  void nobodyKnowsOps() {
    noClasses()
        .that()
        .resideOutsideOfPackage(OPS)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(OPS)
        .because("ops puts everything together and is known by none")
        .check(CLASSES);
  }

  @Test
  void tensorsStayInModelCore() {
    noClasses()
        .that(OURS)
        .and()
        .resideOutsideOfPackage(MODEL)
        .and()
        .doNotHaveFullyQualifiedName(KERNEL_CALLS)
        // a catalogue of downloads; no tensor of it is touched
        .and()
        .doNotHaveFullyQualifiedName("io.dinoflow.activity.ingest.Cifar10Source")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .because("native memory has one owner, the room that opened its scope")
        .check(CLASSES);
  }

  @Test
  void onlyKernelsSpeakToTheEngine() {
    noClasses()
        .that(OURS)
        .and()
        .resideOutsideOfPackage(KERNEL)
        .and()
        .doNotHaveFullyQualifiedName(KERNEL_CALLS)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl.pytorch..")
        .because("TorchScript is our shader language: façades are its only callers")
        .check(CLASSES);
  }

  @Test
  void aDeviceIsChosenInOnePlace() {
    noClasses()
        .that(OURS)
        .and(not(belongToAnyOf(TorchKernels.class, HostMemory.class, HostValues.class)))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("ai.djl.Device")
        .orShould()
        .callMethodWhere(
            describe(
                "makes a manager without a device, or moves a tensor",
                call ->
                    call.getTarget().getOwner().getName().startsWith("ai.djl.ndarray.")
                        && List.of("newBaseManager", "toDevice").contains(call.getName())))
        .because("nothing may assume the processor: a tensor lies where its thread computes")
        .check(CLASSES);
  }

  @Test
  void bytesReachTheHostInOnePlace() {
    noClasses()
        .that(OURS)
        .and(not(belongToAnyOf(HostMemory.class, HostValues.class)))
        .should()
        .callMethodWhere(
            describe(
                "reads a tensor's bytes, or sets them",
                call ->
                    call.getTarget().getOwner().getName().equals("ai.djl.ndarray.NDArray")
                        && (call.getName().matches("to\\w*(Array|Buffer)")
                            || call.getName().matches("get(Float|Double|Long|Int|Byte|Boolean)")
                            || call.getName().equals("set"))))
        .because("of a GPU's tensor these leave a copy behind, or reach into memory of another")
        .check(CLASSES);
    assertThat(CLASSES.get(HostMemory.class).getMethodCallsFromSelf())
        .as("what the rule looks for is there")
        .anyMatch(call -> call.getName().equals("toByteBuffer"));
  }

  @Test
  void onlyStorageSpeaksSqlAndS3() {
    noClasses()
        .that(OURS)
        .and()
        .resideOutsideOfPackage(STORAGE)
        // the one mapping of exceptions to exit codes has to name SQLException
        .and(not(belongToAnyOf(ErrorReport.class)))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.sql..",
            "org.jdbi..",
            "com.zaxxer..",
            "org.postgresql..",
            "org.duckdb..",
            "io.minio..",
            "okhttp3..")
        .because(
            "atomicity and digests are kept in one room; javax.sql.DataSource may pass through")
        .check(CLASSES);
  }

  @Test
  void embeddedServersStayInTheirRoom() {
    noClasses()
        .that(OURS)
        .and()
        .resideOutsideOfPackage("io.dinoflow.ops.embedded..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.zonky..", "org.gaul..", "io.temporal.internal..")
        .because("production has other servers: nothing may need an embedded one")
        .check(CLASSES);
  }

  @Test
  void workflowsAreDeterministic() {
    noClasses()
        .that()
        .resideInAPackage(WORKFLOW_IMPL)
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .orShould()
        .callMethod(System.class, "getProperty", String.class)
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(java.time.LocalDate.class, "now")
        .orShould()
        .callMethod(java.time.LocalDateTime.class, "now")
        .orShould()
        .callMethod(java.util.UUID.class, "randomUUID")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .dependOnClassesThat(
            resideInAnyPackage("java.nio..", "java.net..", "java.util.concurrent..")
                .or(
                    belongToAnyOf(
                        java.time.Clock.class,
                        java.util.Random.class,
                        java.security.SecureRandom.class,
                        java.util.HashMap.class,
                        java.util.HashSet.class,
                        java.io.File.class,
                        java.util.Timer.class,
                        Thread.class))
                .as("time, chance, threads, files or unordered collections"))
        .because("a history must replay to the same commands years later: use Workflow.* instead")
        .check(CLASSES);
  }

  @Test
  void workflowsAreReachedThroughTheirInterfaces() {
    classes()
        .that()
        .resideInAPackage(WORKFLOW_IMPL)
        .and()
        .arePublic()
        .should()
        .haveSimpleName(Workflows.class.getSimpleName())
        .orShould()
        .haveSimpleName("FlowOptions")
        .because("Workflows registers all of them; an implementation is nobody else's business")
        .check(CLASSES);
  }

  @Test
  void failuresAreMappedInOnePlace() {
    noClasses()
        .that()
        .resideInAPackage(ACTIVITIES)
        .and(not(type(FailureMapper.class)))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.temporal.failure.ApplicationFailure")
        .because("what is tried again and what is not is decided in one table")
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLinePrints() {
    noClasses()
        .that(OURS)
        .and()
        .resideOutsideOfPackage("io.dinoflow.ops.cli..")
        // its standard output is the supervisor's log file
        .and()
        .doNotHaveFullyQualifiedName("io.dinoflow.ops.embedded.Journal")
        // a process of its own, whose standard output the bench reads line by line
        .and()
        .doNotHaveFullyQualifiedName("io.dinoflow.ops.bench.StepProgram")
        .should()
        .accessField(System.class, "out")
        .because("results may be piped as JSON: a stray line would break the reader")
        .check(CLASSES);
  }

  @Test
  void onlyProcessesWithoutALogWriteToStandardError() {
    noClasses()
        .that(OURS)
        .and()
        .resideOutsideOfPackages("io.dinoflow.ops.cli..", "io.dinoflow.ops.embedded..")
        // moves what others print out of the way of its answers
        .and()
        .doNotHaveFullyQualifiedName("io.dinoflow.ops.bench.StepProgram")
        .should()
        .accessField(System.class, "err")
        .because("everything else logs, with time, level and place")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("io.dinoflow.(**)")
        .should()
        .beFreeOfCycles()
        // the program's entry stands above the commands that it starts
        .ignoreDependency(type(Main.class), DescribedPredicate.alwaysTrue())
        .because("what depends on each other in a circle can only be understood at once")
        .check(CLASSES);
  }

  @Test
  void noPackageIsSplitOverModules() {
    Map<String, List<String>> modules = new HashMap<>();
    for (String module : MODULES) {
      packages(compiled(module))
          .forEach(name -> modules.merge(name, List.of(module), ArchitectureTest::joined));
    }

    assertThat(modules).hasSizeGreaterThan(20);
    assertThat(modules.values()).as("a package lives in one module").allMatch(l -> l.size() == 1);
    assertThat(modules.keySet())
        .as("packages of others, with the one exception that KernelCalls explains")
        .filteredOn(name -> !name.startsWith("io.dinoflow."))
        .containsExactly("ai.djl.pytorch.jni");
  }

  @Test
  void seesTheClassesOfAllModules() {
    assertThat(CLASSES.contain(PipelineRecipe.class)).isTrue();
    assertThat(CLASSES.contain(Workflows.class)).isTrue();
    assertThat(CLASSES.contain(FailureMapper.class)).isTrue();
    assertThat(CLASSES.contain(Main.class)).isTrue();
    // a rule that nothing can break would prove nothing
    assertThatThrownBy(
            () ->
                noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("ai.djl..")
                    .check(CLASSES))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("ai.djl");
  }

  private static Path compiled(String module) {
    Path folder = ROOT.resolve(module).resolve("target/classes");
    if (!Files.isDirectory(folder)) {
      throw new IllegalStateException(folder + " is missing: build with `mvn -pl ops -am`");
    }
    return folder;
  }

  private static List<String> packages(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .map(file -> folder.relativize(file.getParent()).toString().replace('/', '.'))
          .distinct()
          .collect(Collectors.toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> joined(List<String> a, List<String> b) {
    return Stream.concat(a.stream(), b.stream()).toList();
  }
}
