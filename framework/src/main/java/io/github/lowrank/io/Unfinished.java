package io.github.lowrank.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Files and folders of this process that must not outlive it: Ctrl-C and SIGTERM skip {@code
 * finally}, but not this. Only paths that this process has made may be given.
 */
public final class Unfinished implements AutoCloseable {
  private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();
  private static final int ATTEMPTS = 40;
  private static volatile boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Unfinished::deleteAll, "unfinished"));
  }

  private final Path path;

  private Unfinished(Path path) {
    this.path = path;
  }

  /** Deletes {@code path} with its contents when it is closed or the process ends. */
  public static Unfinished of(Path path) {
    while (ending) { // whoever writes now would leave it behind; the process ends in a moment
      try {
        TimeUnit.SECONDS.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    Path absolute = path.toAbsolutePath();
    PATHS.add(absolute);
    return new Unfinished(absolute);
  }

  @Override
  public void close() throws IOException {
    AtomicFiles.delete(path);
    PATHS.remove(path);
  }

  private static void deleteAll() {
    ending = true;
    for (int i = 0; i < ATTEMPTS; i++) {
      boolean left = false;
      for (Path path : PATHS) {
        try {
          AtomicFiles.delete(path);
        } catch (IOException e) { // another thread has just written into it
          left = true;
        }
        left |= Files.exists(path, LinkOption.NOFOLLOW_LINKS);
      }
      if (!left) {
        return;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
