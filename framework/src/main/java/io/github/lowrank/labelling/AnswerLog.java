package io.github.lowrank.labelling;

import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A file of answers, one JSON object per line, to which answers are only added. An answer is on
 * disk when {@link #add} returns; a line that a killed process left unfinished is removed when the
 * file is opened again.
 */
public final class AnswerLog implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final List<Answer> answers;

  private AnswerLog(Path file, FileChannel channel, List<Answer> answers) {
    this.file = file;
    this.channel = channel;
    this.answers = answers;
  }

  /** Opens a file, or creates it. */
  public static AnswerLog open(Path file) throws IOException {
    if (!Files.exists(file)) {
      Files.createFile(file);
      try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
        folder.force(true);
      } catch (IOException e) {
        // some systems cannot open folders
      }
    }
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    List<Answer> answers = new ArrayList<>(parse(file, bytes, end));
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    channel.truncate(end).position(end);
    return new AnswerLog(file, channel, answers);
  }

  /** The answers in a file that is not modified, those undone among them. */
  public static List<Answer> read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return parse(file, bytes, bytes.length);
  }

  private static List<Answer> parse(Path file, byte[] bytes, int end) throws IOException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, end)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": expected answers in UTF-8, found other bytes", e);
    }
    List<Answer> answers = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      // One line each, so a message names this line.
      answers.add(Json.parse("\n".repeat(i) + lines.get(i), file, Answer.class));
    }
    return answers;
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** All answers, those undone among them. */
  public List<Answer> answers() {
    return Collections.unmodifiableList(answers);
  }

  /** Adds an answer; it is on disk when this returns. */
  public void add(Answer answer) throws IOException {
    ByteBuffer line =
        ByteBuffer.wrap((Json.canonical(answer) + "\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      channel.write(line);
    }
    channel.force(true);
    answers.add(answer);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
