import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Writes a large text file of word vectors: ten directions and noise, rounded to one digit, so that
 * five million words of 300 numbers take less than 4 GB.
 *
 * <p>{@code java scripts/VectorsFile.java OUT WORDS DIMENSION}
 */
final class VectorsFile {
  private static final int DIRECTIONS = 10;

  public static void main(String[] args) throws IOException {
    Path out = Path.of(args[0]);
    int words = Integer.parseInt(args[1]);
    int dimension = Integer.parseInt(args[2]);
    Random random = new Random(1);
    float[][] directions = new float[DIRECTIONS][dimension];
    for (float[] direction : directions) {
      for (int i = 0; i < dimension; i++) {
        direction[i] = (float) random.nextGaussian();
      }
    }
    SplittableRandom noise = new SplittableRandom(2);
    byte[] line = new byte[20 + 3 * dimension];
    float[] row = new float[dimension];
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(out), 1 << 20)) {
      file.write((words + " " + dimension + "\n").getBytes(StandardCharsets.UTF_8));
      for (int w = 0; w < words; w++) {
        for (int i = 0; i < dimension; i++) {
          row[i] = (float) (4 * noise.nextDouble() - 2);
        }
        for (int k = 0; k < DIRECTIONS; k++) {
          float weight = (float) ((3 * noise.nextDouble() - 1.5) / (1 + 0.3 * k));
          for (int i = 0; i < dimension; i++) {
            row[i] += weight * directions[k][i];
          }
        }
        byte[] word = ("w" + w).getBytes(StandardCharsets.UTF_8);
        System.arraycopy(word, 0, line, 0, word.length);
        int at = word.length;
        for (int i = 0; i < dimension; i++) {
          line[at++] = ' ';
          int x = Math.round(Math.max(-9, Math.min(9, row[i])));
          if (x < 0) {
            line[at++] = '-';
          }
          line[at++] = (byte) ('0' + Math.abs(x));
        }
        line[at++] = '\n';
        file.write(line, 0, at);
      }
    }
  }
}
