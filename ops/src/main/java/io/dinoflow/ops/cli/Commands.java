package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine;

/** Every command of the program, and the way from arguments to an exit code. */
@CommandLine.Command(
    name = "dinoflow",
    synopsisSubcommandLabel = "COMMAND",
    description = "Trains DINOv3-style vision models as durable, resumable workflows.",
    footer = {"", "Start with `dinoflow demo`. `dinoflow COMMAND --help` explains a command."})
public final class Commands implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @CommandLine.Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  /** THE list: a command that is not here does not exist. In the order of the help text. */
  private static List<Object> all() {
    return List.of(
        new DemoCommand(),
        new UpCommand(),
        new DownCommand(),
        new StatusCommand(),
        new DoctorCommand(),
        new RunCommand(),
        new PauseCommand(),
        new ResumeCommand(),
        new CancelCommand(),
        new OverrideCommand(),
        new RunsCommand(),
        new ShowCommand(),
        new CheckpointsCommand(),
        new LineageCommand(),
        new ModelsCommand(),
        new PromoteCommand(),
        new RollbackCommand(),
        new VerifyCommand(),
        new ForkCommand(),
        new ReproduceCommand(),
        new GcCommand(),
        new BackupCommand(),
        new RestoreCommand(),
        new WhyCommand(),
        new ReportCommand(),
        new ChaosCommand(),
        new ExportCommand(),
        new EmbedCommand(),
        new WorkerCommand(),
        new PageCommand());
  }

  /** Runs a command line and returns its exit code; prints errors, throws nothing. */
  public static int execute(String... arguments) {
    return commandLine().execute(arguments);
  }

  /** The parsed-to-be command line; tests set its writers. */
  public static CommandLine commandLine() {
    CommandLine root = new CommandLine(new Commands());
    all().forEach(root::addSubcommand);
    root.addSubcommand(ScheduleCommands.all());
    root.addSubcommand(RecipeCommands.all());
    root.addSubcommand(DatasetCommands.all());
    root.addSubcommand(ImportCommands.all());
    root.addSubcommand(BenchCommands.all());
    root.setExecutionExceptionHandler((failure, line, parsed) -> fail(failure, line));
    root.setParameterExceptionHandler(
        (wrong, unused) -> {
          CommandLine line = wrong.getCommandLine();
          String name = line.getCommandSpec().qualifiedName();
          line.getErr().println("error: wrong usage of " + name);
          line.getErr().println("  why: " + wrong.getMessage());
          line.getErr().println("  do:  `" + name + " --help` shows what is possible");
          return ExitCode.USAGE.value();
        });
    root.setCaseInsensitiveEnumValuesAllowed(true);
    return root;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static int fail(Exception failure, CommandLine line) {
    if (failure instanceof CommandLine.ParameterException wrong) {
      throw wrong;
    }
    String name = line.getCommandSpec().qualifiedName().replaceFirst("^dinoflow ", "");
    ErrorReport report = ErrorReport.of(name, failure);
    report.lines().forEach(line.getErr()::println);
    Home home =
        line.getCommand() instanceof Command command ? command.home() : Home.of(System.getenv());
    try {
      line.getErr().println("  log: " + log(home, name, failure));
    } catch (IOException e) {
      line.getErr().println("  log: none, it could not be written: " + e);
    }
    line.getErr().flush();
    return report.code().value();
  }

  private static Path log(Home home, String command, Exception failure) throws IOException {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    Path file = home.logs().resolve("cli.log");
    Files.createDirectories(home.logs());
    Files.writeString(
        file,
        "%s dinoflow %s%n%s%n".formatted(Instant.now(), command, trace),
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return file;
  }
}
