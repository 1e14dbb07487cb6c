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
  private static final char END = 4; // Ctrl-D, where the terminal does not act on it

  private final LabelKeys keys;
  private final PrintWriter out;
  private final Reader in;
  private boolean single;

  LabelTerminal(LabelKeys keys, PrintWriter out) {
    this(keys, out, new InputStreamReader(System.in, StandardCharsets.UTF_8), false);
  }

  LabelTerminal(LabelKeys keys, PrintWriter out, Reader in, boolean single) {
    this.keys = keys;
    this.out = out;
    this.in = in;
    this.single = single;
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

  void ask() throws IOException {
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

  /**
   * The next key, or a slash and what follows it up to Enter; null at the end of the input. Keys
   * such as Delete are several characters at once, and so is what is pasted: none of them is an
   * answer.
   */
  private String key() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      boolean enter = c == '\n' || c == '\r';
      if (single && line.isEmpty() && c != '/' && in.ready()) {
        do {
          c = in.read();
        } while (c >= 0 && in.ready());
        return "several keys at once";
      }
      if (single && c == END) {
        return null;
      }
      if (single && !enter && c >= ' ') {
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
