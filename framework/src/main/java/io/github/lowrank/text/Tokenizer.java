package io.github.lowrank.text;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.strings.Lower;
import org.tensorflow.op.strings.RegexReplace;
import org.tensorflow.op.strings.StringSplit;
import org.tensorflow.types.TString;

/**
 * Splits texts into words, as part of a graph. Training ({@link StreamEncoder}) and exported models
 * use the same ops, so they cannot differ.
 */
public enum Tokenizer {
  /**
   * For text that is already tokenized: lower-cases it and splits it at runs of ASCII white space.
   * Other spaces, such as U+00A0, are part of words.
   */
  BLANKS {
    @Override
    Operand<TString> normalize(Ops tf, Operand<TString> text) {
      return text;
    }
  },
  /**
   * For raw text: lower-cases it; words are runs of letters, combining marks, digits and
   * apostrophes; English contractions are split as in the Penn Treebank ({@code do n't}, {@code it
   * 's}).
   */
  WORDS {
    @Override
    Operand<TString> normalize(Ops tf, Operand<TString> text) {
      Operand<TString> ascii = replace(tf, text, "\u2019", "'");
      Operand<TString> words = replace(tf, ascii, "[^\\p{L}\\p{M}\\p{N}' ]+", " ");
      return replace(tf, words, "(n't|'(?:s|m|d|ll|re|ve))(?: |$)", " \\1 ");
    }
  };

  abstract Operand<TString> normalize(Ops tf, Operand<TString> lowerCase);

  private static Operand<TString> replace(
      Ops tf, Operand<TString> text, String pattern, String rewrite) {
    return tf.strings.regexReplace(
        text, tf.constant(pattern), tf.constant(rewrite), RegexReplace.replaceGlobal(true));
  }

  /**
   * The words of {@code texts} as a sparse matrix of strings.
   *
   * @param texts UTF-8, {@code [batch]}; other bytes become U+FFFD
   */
  public StringSplit split(Ops tf, Operand<TString> texts) {
    // TensorFlow's lower-casing truncates a text at its first NUL.
    Operand<TString> whole = replace(tf, texts, "\\x00", " ");
    Operand<TString> lower = tf.strings.lower(whole, Lower.encoding("utf-8"));
    return tf.strings.stringSplit(normalize(tf, lower), tf.constant(""));
  }
}
