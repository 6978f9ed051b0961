package dev.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * `make mutants`: the simulation has to bite. Each mutant is the real code with a realistic mistake
 * in it, compiled and run with seed after seed until a promise is broken.
 */
class MutantsTest {

  private static final int MOST = Integer.getInteger("simulation.mutants.seeds", 20_000);
  private static final String ONLY = System.getProperty("simulation.mutant", "");

  @BeforeAll
  static void readsLogs() {
    LogWatch.install();
  }

  /** Every mutant can be made from the code as it is now: this is checked with every build. */
  @Test
  void mutants_shouldApply() throws IOException {
    for (var mutant : Mutant.all()) {
      mutated(mutant);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "simulation.mutants", matches = "true")
  void everyMutant_shouldBeKilled(@TempDir Path folder) throws Exception {
    var survivors = new ArrayList<String>();
    System.out.printf("%-78s %8s  %s%n", "mutant", "seeds", "killed by");
    int number = 0;
    for (var mutant : Mutant.all()) {
      number++;
      if (!mutant.name().contains(ONLY)) {
        continue;
      }
      var classes = Files.createDirectory(folder.resolve("mutant" + number));
      var files = mutated(mutant);
      compile(files, classes);
      var killed = run(mutant, files, classes);
      if (killed == null) {
        survivors.add(mutant.name());
      }
      var parts = killed == null ? new String[] {"-", "SURVIVED"} : killed.split("\\|");
      System.out.printf("%-78s %8s  %s%n", mutant.name(), parts[0], parts[1]);
    }
    assertThat(survivors).as("mutants that no promise caught").isEmpty();
  }

  /** The files of a mutant, by path. */
  private static Map<String, String> mutated(Mutant mutant) throws IOException {
    var files = new HashMap<String, String>();
    for (var edit : mutant.edits()) {
      var text = files.getOrDefault(edit.file(), "");
      if (text.isEmpty()) {
        text = Files.readString(Path.of(edit.file()));
      }
      int at = text.indexOf(edit.find());
      assertThat(at)
          .as(
              "%s: what it replaces in %s is not there any more:%n%s",
              mutant.name(), edit.file(), edit.find())
          .isNotNegative();
      assertThat(text.indexOf(edit.find(), at + 1))
          .as("%s: what it replaces in %s is there twice", mutant.name(), edit.file())
          .isNegative();
      files.put(edit.file(), text.replace(edit.find(), edit.replace()));
    }
    return files;
  }

  private static void compile(Map<String, String> files, Path to) throws IOException {
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    var sources = new ArrayList<JavaFileObject>();
    files.forEach((path, text) -> {
      if (path.endsWith(".java")) {
        sources.add(new Source(path, text));
      }
    });
    if (sources.isEmpty()) {
      return;
    }
    var words = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                words,
                null,
                null,
                List.of(
                    "-d",
                    to.toString(),
                    "-cp",
                    classPath(),
                    "-parameters",
                    "-proc:none",
                    "-nowarn"),
                null,
                sources)
            .call();
    assertThat(compiled).as("the mutant compiles: %s", words).isTrue();
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String path, String text) {
      super(URI.create("string:///" + path), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static String classPath() {
    return System.getProperty("java.class.path", "");
  }

  private static @Nullable String run(Mutant mutant, Map<String, String> files, Path classes)
      throws Exception {
    var urls = new ArrayList<URL>();
    urls.add(classes.toUri().toURL());
    for (var entry : classPath().split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    try (var loader = new OwnFirst(urls.toArray(URL[]::new))) {
      var run = loader.loadClass(MutantRun.class.getName());
      var definition = files.getOrDefault(Histories.DEFINITION.toString(), "");
      return (String)
          (mutant.killer().isEmpty()
              ? run.getMethod("seeds", String.class, int.class).invoke(null, definition, MOST)
              : "1|"
                  + Objects.requireNonNull(
                      run.getMethod("tests", String.class).invoke(null, mutant.killer())));
    }
  }

  /** Loads our own classes anew, the mutant's before the real ones, and shares all others. */
  private static final class OwnFirst extends URLClassLoader {

    OwnFirst(URL[] urls) {
      super(urls, MutantsTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("dev.understudy.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        var loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }
  }
}
