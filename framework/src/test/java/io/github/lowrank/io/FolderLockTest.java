package io.github.lowrank.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FolderLockTest {
  @TempDir Path folder;

  /** Another process: takes the lock, says so, and holds it until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      try (FolderLock lock = FolderLock.take(Path.of(args[0]), Path.of(args[1]))) {
        System.out.println("held");
        Thread.sleep(TimeUnit.MINUTES.toMillis(5));
      } catch (FolderLock.HeldException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private Path file() {
    return folder.resolve("state/lock");
  }

  private FolderLock take() throws IOException {
    return FolderLock.take(file(), folder);
  }

  private record Other(Process process, String said) implements AutoCloseable {
    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private Other other() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                file().toString(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return new Other(process, out.readLine());
  }

  @Test
  void aSecondHolderInThisProcessIsToldWho() throws IOException {
    try (FolderLock lock = take()) {
      assertThatThrownBy(this::take)
          .isInstanceOf(FolderLock.HeldException.class)
          .hasMessageContaining(folder + " is being written by process ")
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()))
          .hasMessageContaining("name another folder");
    }
    take().close();
  }

  @Test
  void aSecondHolderInAnotherProcessIsToldWho() throws IOException {
    try (FolderLock lock = take();
        Other other = other()) {
      assertThat(other.said())
          .contains(
              folder + " is being written by process " + ProcessHandle.current().pid() + " since ");
    }
    try (Other other = other()) {
      assertThat(other.said()).isEqualTo("held");
      assertThatThrownBy(this::take)
          .isInstanceOf(FolderLock.HeldException.class)
          .hasMessageContaining("process " + other.process().pid() + " since ");
    }
  }

  /** POSIX takes a process its locks away as soon as it closes the file, whoever opened it. */
  @Test
  void aRefusalInThisProcessLeavesTheLockHeld() throws IOException {
    try (FolderLock lock = take()) {
      assertThatThrownBy(this::take).isInstanceOf(FolderLock.HeldException.class);
      try (Other other = other()) {
        assertThat(other.said()).contains("is being written by process ");
      }
    }
  }

  @Test
  void theLockOfAKilledProcessIsFree() throws Exception {
    try (Other other = other()) {
      assertThat(other.said()).isEqualTo("held");
      other.process().destroyForcibly().waitFor();
      take().close();
    }
  }

  @Test
  void differentFoldersDoNotMeet() throws IOException {
    try (FolderLock one = FolderLock.take(folder.resolve("a/lock"), folder.resolve("a"));
        FolderLock two = FolderLock.take(folder.resolve("b/lock"), folder.resolve("b"))) {
      assertThat(folder.resolve("a/lock")).exists();
      assertThat(folder.resolve("b/lock")).exists();
    }
  }
}
