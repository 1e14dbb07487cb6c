package io.github.lowrank.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The lower-case tokenizer of BERT-like encoders, from a Hugging Face {@code tokenizer.json}: text
 * is cleaned, stripped of accents and split at white space and around punctuation and Chinese
 * characters; each word is then the longest known piece, and so on with the rest of it.
 */
public final class WordPieces {
  private static final int MAX_WORD = 100;
  private static final String UNKNOWN = "[UNK]";

  private final Map<String, Integer> pieces;

  private WordPieces(Map<String, Integer> pieces) {
    this.pieces = pieces;
  }

  /**
   * Reads {@code model.vocab}.
   *
   * @param name name of the model, for messages
   */
  public static WordPieces read(String name, InputStream tokenizer) throws IOException {
    JsonNode vocabulary;
    try {
      vocabulary = new ObjectMapper().readTree(tokenizer).at("/model/vocab");
    } catch (JsonProcessingException e) {
      throw new MalformedFileException(name, "a tokenizer in JSON", e.getOriginalMessage());
    } catch (CharConversionException e) {
      throw new MalformedFileException(name, "a tokenizer in UTF-8", "other bytes");
    }
    Map<String, Integer> pieces = new HashMap<>();
    vocabulary.fields().forEachRemaining(e -> pieces.put(e.getKey(), e.getValue().asInt()));
    for (Map.Entry<String, Integer> piece : pieces.entrySet()) {
      if (piece.getValue() < 0 || piece.getValue() >= pieces.size()) {
        throw new MalformedFileException(
            name + ", '" + piece.getKey() + "'",
            "a number below " + pieces.size(),
            piece.getValue().toString());
      }
    }
    return new WordPieces(pieces);
  }

  /** Number of pieces. */
  public int size() {
    return pieces.size();
  }

  /** The number of a piece such as {@code [CLS]}; of the unknown piece if there is none. */
  public int piece(String name) {
    Integer number = pieces.get(name);
    return number == null ? pieces.getOrDefault(UNKNOWN, 0) : number;
  }

  /** The pieces of {@code word}; only the unknown one if it cannot be split into known pieces. */
  public List<Integer> ofWord(String word) {
    List<Integer> found = new ArrayList<>();
    int start = 0;
    while (start < word.length() && word.length() <= MAX_WORD) {
      Integer piece = null;
      int end = word.length();
      for (; end > start && piece == null; end--) {
        piece = pieces.get((start > 0 ? "##" : "") + word.substring(start, end));
      }
      if (piece == null) {
        found.clear();
        break;
      }
      found.add(piece);
      start = end + 1;
    }
    return found.isEmpty() ? List.of(piece(UNKNOWN)) : found;
  }

  /**
   * The input of an encoder: {@code [CLS]}, the pieces of a text, {@code [SEP]}.
   *
   * @param most largest number of pieces, with the two at the ends; the rest is omitted
   */
  public List<Integer> ofText(String text, int most) {
    List<Integer> found = new ArrayList<>();
    found.add(piece("[CLS]"));
    for (String word : spaced(text).split(" ")) {
      if (!word.isEmpty()) {
        found.addAll(ofWord(word));
      }
      if (found.size() >= most) {
        break;
      }
    }
    List<Integer> kept = new ArrayList<>(found.subList(0, Math.min(found.size(), most - 1)));
    kept.add(piece("[SEP]"));
    return kept;
  }

  /** Lower case without accents, with blanks between words. */
  private static String spaced(String text) {
    String bare = Normalizer.normalize(text, Normalizer.Form.NFD).toLowerCase(Locale.ROOT);
    StringBuilder spaced = new StringBuilder();
    bare.codePoints()
        .forEach(
            c -> {
              if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                spaced.append(' ');
              } else if (apart(c)) {
                spaced.append(' ').appendCodePoint(c).append(' ');
              } else if (!dropped(c)) {
                spaced.appendCodePoint(c);
              }
            });
    return spaced.toString();
  }

  private static boolean dropped(int c) {
    int type = Character.getType(c);
    return c == 0xfffd
        || type == Character.NON_SPACING_MARK
        || type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.SURROGATE
        || type == Character.PRIVATE_USE;
  }

  /** Punctuation in BERT's sense, which has all ASCII symbols, and Chinese characters. */
  private static boolean apart(int c) {
    boolean symbol = c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
    return symbol
        || switch (Character.getType(c)) {
          case Character.CONNECTOR_PUNCTUATION,
              Character.DASH_PUNCTUATION,
              Character.START_PUNCTUATION,
              Character.END_PUNCTUATION,
              Character.INITIAL_QUOTE_PUNCTUATION,
              Character.FINAL_QUOTE_PUNCTUATION,
              Character.OTHER_PUNCTUATION ->
              true;
          default -> chinese(c);
        };
  }

  private static boolean chinese(int c) {
    return c >= 0x4e00 && c <= 0x9fff
        || c >= 0x3400 && c <= 0x4dbf
        || c >= 0x20000 && c <= 0x2a6df
        || c >= 0x2a700 && c <= 0x2ceaf
        || c >= 0xf900 && c <= 0xfaff
        || c >= 0x2f800 && c <= 0x2fa1f;
  }
}
