package io.github.lowrank.factorization;

import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.RowBlocks;
import io.github.lowrank.linalg.RowProducts;
import io.github.lowrank.linalg.Spectrum;
import io.github.lowrank.text.VectorTable;
import io.github.lowrank.text.VectorWriter;
import java.io.IOException;
import java.util.List;

/** In this process: the file is read twice, in blocks, so memory does not grow with it. */
public final class LocalFactorization implements FactorizationEngine {
  /** Its name on the command line. */
  public static final String NAME = "local";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Factorization factorize(FactorizationRequest request, Progress progress)
      throws IOException {
    VectorTable table = VectorTable.open(request.table(), request.entry());
    Factorization.checkWidth(request.table(), table.columns());
    RowProducts.GramMatrix gram = RowProducts.gram(counted(table, "rows read", 0, progress));
    progress.begin("eigenvectors of a %1$,d x %1$,d matrix".formatted(table.columns()));
    Spectrum spectrum = Spectrum.ofGram(gram.values(), table.columns()).signed();
    int rank = request.rank().rank(gram.rows(), spectrum);
    Matrix basis = spectrum.basis(rank);
    Factorization card = Factorization.of(request, name(), gram.rows(), spectrum, rank);
    card.warning().ifPresent(progress::warn);
    AtomicFiles.folder(
        request.out(),
        folder -> {
          try (VectorWriter rows =
              new VectorWriter(
                  folder.resolve(Factorization.ROWS + request.layout().suffix()),
                  request.layout(),
                  gram.rows(),
                  rank)) {
            RowProducts.times(
                counted(table, "rows written", gram.rows(), progress),
                basis.transposed(),
                (block, product) -> {
                  List<String> words = block.words();
                  for (int i = 0; i < words.size(); i++) {
                    rows.write(words.get(i), product, i * rank, (i + 1) * rank);
                  }
                });
          }
          progress.begin("basis, and all files to disk");
          card.write(folder, basis);
        });
    return card;
  }

  private static RowBlocks<VectorTable.Words> counted(
      VectorTable table, String what, long all, Progress progress) {
    return new RowBlocks<>() {
      @Override
      public int columns() {
        return table.columns();
      }

      @Override
      public void forEach(Consumer<VectorTable.Words> consumer) throws IOException {
        long[] rows = {0};
        table.forEach(
            block -> {
              consumer.accept(block);
              rows[0] += block.rows();
              progress.report(what, rows[0], all);
            });
      }
    };
  }
}
