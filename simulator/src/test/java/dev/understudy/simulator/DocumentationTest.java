package dev.understudy.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.simulator.provider.Action;
import dev.understudy.simulator.provider.Point;
import dev.understudy.simulator.provider.Settings;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** docs/simulator.md names all that there is. */
class DocumentationTest {
  private final String page;

  DocumentationTest() throws IOException {
    page = Files.readString(Path.of("..", "docs", "simulator.md"));
  }

  @Test
  void faultTables_shouldNameEveryAction_whenOneIsAdded() {
    for (Point point : Point.values()) {
      String tables =
          Arrays.stream(page.split("\n\\*\\*On "))
              .filter(section -> section.startsWith("`" + point.label() + "`"))
              .collect(Collectors.joining());
      for (Action action : Action.values()) {
        assertThat(tables.contains("`" + action.label() + "`"))
            .as("%s on %s is documented", action.label(), point.label())
            .isEqualTo(action.happensAt(point));
      }
    }
  }

  @Test
  void optionsTable_shouldNameEveryOption_whenOneIsAdded() {
    for (OptionSpec option : new CommandLine(new SimulatorCommand()).getCommandSpec().options()) {
      if (!option.usageHelp() && !option.versionHelp()) {
        assertThat(page).contains("`" + option.longestName() + "`");
      }
    }
  }

  @Test
  void settings_shouldAllBeNamed_whenOneIsAdded() {
    assertThat(Settings.class.getRecordComponents())
        .extracting(RecordComponent::getName)
        .allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
  }
}
