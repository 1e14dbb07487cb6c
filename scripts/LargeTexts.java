import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Prints labelled texts as CSV: 17 words on average, drawn from 200,000 by Zipf's law; every eighth
 * is a word of the text's class. Some texts are quoted, with commas, quotes and line breaks. Equal
 * numbers of texts give equal bytes.
 */
public final class LargeTexts {
  private static final int WORDS = 200_000;
  private static final String[] CLASSES = {"arts", "law", "money", "science", "sports", "travel"};

  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[0]);
    Random random = new Random(1);
    try (BufferedWriter out =
        new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), 1 << 16)) {
      out.write("text,label\n");
      for (int i = 0; i < count; i++) {
        int label = random.nextInt(CLASSES.length);
        out.write(text(random, label) + "," + CLASSES[label] + "\n");
      }
    }
  }

  private static String text(Random random, int label) {
    StringBuilder text = new StringBuilder();
    int length = 5 + random.nextInt(25);
    boolean quoted = random.nextInt(10) == 0;
    for (int i = 0; i < length; i++) {
      text.append(i == 0 ? "" : quoted && i == length / 2 ? (i % 9 == 0 ? ",\n" : ", \"\"") : " ");
      word(
          text,
          random.nextInt(8) == 0
              ? 500 + 50 * label + random.nextInt(50)
              : (int) Math.exp(random.nextDouble() * Math.log(WORDS)));
      text.append(quoted && i == length / 2 && i % 9 > 0 ? "\"\"" : "");
    }
    return quoted ? "\"" + text + "\"" : text.toString();
  }

  /** The word of a rank, in syllables: frequent words are short. */
  private static void word(StringBuilder text, int rank) {
    for (int rest = rank; rest > 0; rest /= 100) {
      text.append("bcdfghjklmnprstvwxyz".charAt(rest % 20)).append("aeiou".charAt(rest / 20 % 5));
    }
  }
}
