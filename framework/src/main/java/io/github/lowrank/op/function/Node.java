package io.github.lowrank.op.function;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * One node of a function: set its attributes, give it its inputs, take its outputs.
 *
 * <p>Attributes that follow from the inputs (element types, lengths of lists) are derived by the
 * op's definition; others may be left out if they have a default.
 */
public final class Node {
  private static final Map<String, OpDef> OPS = new ConcurrentHashMap<>();

  private final FunctionBuilder function;
  private final OpDef op;
  private final NodeDef.Builder node;

  Node(FunctionBuilder function, String op, String name) {
    this.function = function;
    this.op = OPS.computeIfAbsent(op, Node::definition);
    this.node = NodeDef.newBuilder().setOp(op).setName(name);
  }

  private static OpDef definition(String op) {
    TensorFlow.version(); // loads the native library
    // One op at a time: TensorFlow.registeredOpList() takes 0.1 s.
    try (PointerScope scope = new PointerScope()) {
      TF_Buffer buffer = TF_Buffer.newBuffer();
      TF_Status status = TF_Status.newStatus();
      tensorflow.TF_GraphGetOpDef(TF_Graph.newGraph(), op, buffer, status);
      status.throwExceptionIfNotOK();
      return OpDef.parseFrom(buffer.copyData());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sets an attribute, as in {@code attr("transpose_a", a -> a.setB(true))}. */
  public Node attr(String name, Consumer<AttrValue.Builder> value) {
    // Any op takes attributes that begin with an underscore: they are for TensorFlow's runtime.
    check(name.startsWith("_") || attribute(name).isPresent(), "no attribute " + name);
    AttrValue.Builder attr = AttrValue.newBuilder();
    value.accept(attr);
    node.putAttr(name, attr.build());
    return this;
  }

  /**
   * Adds the node to its function.
   *
   * @param inputs in the order of the op's definition, the values of a list one by one
   */
  public Node in(Value... inputs) {
    List<OpDef.ArgDef> args = op.getInputArgList();
    List<String> lists = args.stream().map(Node::list).filter(l -> !l.isEmpty()).toList();
    check(lists.stream().distinct().count() <= 1, "lists of different lengths: not supported");
    int length = lists.isEmpty() ? 1 : (inputs.length - args.size()) / lists.size() + 1;
    check(
        length >= 0 && inputs.length == args.size() + lists.size() * (length - 1),
        inputs.length + " inputs, not " + args.stream().map(OpDef.ArgDef::getName).toList());
    Iterator<Value> rest = List.of(inputs).iterator();
    for (OpDef.ArgDef arg : args) {
      AttrValue.ListValue.Builder types = AttrValue.ListValue.newBuilder();
      for (int i = 0; i < (list(arg).isEmpty() ? 1 : length); i++) {
        Value value = rest.next();
        node.addInput(value.in(function));
        types.addType(value.type());
        if (!arg.getTypeAttr().isEmpty()) {
          derive(arg.getTypeAttr(), AttrValue.newBuilder().setType(value.type()));
        } else if (arg.getTypeListAttr().isEmpty()) {
          check(value.type() == arg.getType(), value.type() + " as " + arg.getName());
        }
      }
      if (!arg.getTypeListAttr().isEmpty()) {
        derive(arg.getTypeListAttr(), AttrValue.newBuilder().setList(types));
      } else if (!arg.getNumberAttr().isEmpty()) {
        derive(arg.getNumberAttr(), AttrValue.newBuilder().setI(length));
      }
    }
    for (OpDef.AttrDef attr : op.getAttrList()) {
      check(
          node.containsAttr(attr.getName()) || attr.hasDefaultValue(),
          "no value of attribute " + attr.getName());
    }
    function.add(node.build());
    return this;
  }

  /** The attribute that knows the length of a list; empty for a single value. */
  private static String list(OpDef.ArgDef arg) {
    return arg.getNumberAttr() + arg.getTypeListAttr();
  }

  private void derive(String name, AttrValue.Builder derived) {
    AttrValue value = derived.build();
    AttrValue other = node.getAttrOrDefault(name, value);
    check(value.equals(other), "attribute " + name + " both " + other + " and " + value);
    node.putAttr(name, value);
  }

  /** The first output. */
  public Value output() {
    return output(op.getOutputArg(0).getName());
  }

  /** The output of that name in the op's definition; of a list, the first value. */
  public Value output(String name) {
    return output(name, 0);
  }

  /** Value {@code index} of an output that is a list. */
  public Value output(String name, int index) {
    List<String> names = op.getOutputArgList().stream().map(OpDef.ArgDef::getName).toList();
    check(names.contains(name), "no output " + name + " among " + names);
    OpDef.ArgDef arg = op.getOutputArg(names.indexOf(name));
    AttrValue type = attribute(arg.getTypeAttr() + arg.getTypeListAttr()).orElse(null);
    return new Value(
        function,
        node.getName() + ":" + name + ":" + index,
        type == null
            ? arg.getType()
            : arg.getTypeListAttr().isEmpty() ? type.getType() : type.getList().getType(index));
  }

  private Optional<AttrValue> attribute(String name) {
    return op.getAttrList().stream()
        .filter(a -> a.getName().equals(name))
        .map(a -> node.getAttrOrDefault(name, a.getDefaultValue()))
        .findFirst();
  }

  private void check(boolean holds, String found) {
    if (!holds) {
      throw new IllegalArgumentException(
          op.getName() + " " + node.getName() + " of function " + function + " has " + found);
    }
  }
}
