package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;

/**
 * Trains the classifier as it stands for a share of the step budget, apart: the result teaches the
 * trainings that follow, which start from where this step started. They learn labels and the
 * teacher's softened probabilities, half each, after Hinton, Vinyals and Dean, <a
 * href="https://arxiv.org/abs/1503.02531">Distilling the Knowledge in a Neural Network</a> (2015):
 *
 * <pre>
 * loss = CE(labels, softmax(z)) / 2 + T^2 KL(softmax(t / T) || softmax(z / T)) / 2,  T = 2
 * </pre>
 *
 * <p>The teacher's steps come on top of a method's budget. Taught after the first half, the teacher
 * is the uncompressed baseline.
 *
 * @param beside share of the budget, in (0, 1]
 */
@JsonTypeName("teach")
public record Teach(double beside) implements Step {
  public Teach {
    Train.check(beside);
  }

  @Override
  public State apply(State before, Workbench bench) throws IOException {
    return before.taughtBy(new Train(beside).apply(before, bench));
  }
}
