package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Escape;
import io.github.lowrank.labelling.Labelling.Question;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Asks in the terminal: a key each where the terminal hands on single keys, else a line each. */
final class LabelTerminal {
  private final LabelKeys keys;
  private final PrintWriter out;
  private final Reader in;
  private boolean single;

  LabelTerminal(LabelKeys keys, PrintWriter out) {
    this.keys = keys;
    this.out = out;
    this.in = new InputStreamReader(System.in, StandardCharsets.UTF_8);
  }

  /** Asks until the user quits or nothing is left. */
  void run() throws IOException {
    String saved = System.console() == null ? "" : stty("-g");
    single = !saved.isEmpty() && !stty("-icanon min 1 -echo && echo done").isEmpty();
    Thread restore = new Thread(() -> stty(saved));
    if (single) {
      Runtime.getRuntime().addShutdownHook(restore); // Ctrl-C
    }
    try {
      ask();
    } finally {
      if (single) {
        stty(saved);
        Runtime.getRuntime().removeShutdownHook(restore);
      }
    }
  }

  private void ask() throws IOException {
    boolean warned = false;
    for (Optional<Question> q = keys.question(); q.isPresent(); q = keys.question()) {
      show(q.get());
      String key = key();
      if (key == null || key.equals("q")) {
        return;
      }
      keys.press(key).ifPresent(out::println);
      out.println(keys.status());
      if (!warned && keys.warning().isPresent()) {
        out.println(keys.warning().get());
        warned = true;
      }
    }
    out.println("no further questions");
  }

  private void show(Question question) {
    out.printf("%n  %s%n%n", Escape.tsv(question.text()));
    for (int i = 0; i < question.choices().size(); i++) {
      String name = question.choices().get(i);
      out.printf(
          "  %d %s%s%n",
          i + 1, Escape.tsv(name), name.equals(question.predicted()) ? "   (Enter)" : "");
    }
    out.print("  0 none of these   /name another   s skip   u undo   q quit\n> ");
    out.flush();
  }

  /** The next key, or what follows a slash up to Enter; null at the end of the input. */
  private String key() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      boolean enter = c == '\n' || c == '\r';
      if (single && !enter) {
        out.print((char) c);
        out.flush();
      }
      if (!enter) {
        line.append((char) c);
      }
      if (enter || single && line.charAt(0) != '/') {
        if (single) {
          out.println();
        }
        return line.toString().strip();
      }
    }
    return null;
  }

  /** What stty prints about the terminal; empty where there is none. */
  private static String stty(String arguments) {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", "exec 2> /dev/null < /dev/tty; stty " + arguments).start();
      try (InputStream printed = process.getInputStream()) {
        String all = new String(printed.readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor() == 0 ? all : "";
      }
    } catch (IOException e) {
      return ""; // no sh: lines it is
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
