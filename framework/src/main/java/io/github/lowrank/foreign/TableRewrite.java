package io.github.lowrank.foreign;

import com.google.protobuf.ByteString;
import io.github.lowrank.graphdef.GraphScope;
import io.github.lowrank.graphdef.Nodes;
import io.github.lowrank.linalg.Matrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.ResourceHandleProto;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Puts the stored form of a table in its place, in a graph and in its functions. The variable or
 * constant keeps its name and becomes narrower: it holds {@code W_a}, in numbers or in codes. Every
 * lookup reads rows of it and multiplies them by {@code W_b}, a constant of each scope that needs
 * it; a use of the whole table gets the product. All by core ops, which every loader knows.
 */
final class TableRewrite {
  /** Lookups in variables, and those in tensors whose output has the same name. */
  private static final Map<String, String> RESOURCE_LOOKUPS =
      Map.of("ResourceGather", "GatherV2", "ResourceGatherNd", "GatherNd");

  private final ModelGraph model;
  private final EmbeddingSite site;
  private final StoredTable stored;
  private final String prefix;
  private final Map<String, String> constants = new HashMap<>();
  private final Map<String, String> products = new HashMap<>();

  private final Map<Part, Integer> starts;

  private TableRewrite(
      ModelGraph model, EmbeddingSite site, StoredTable stored, Map<Part, Integer> starts) {
    this.model = model;
    this.starts = starts;
    this.site = site;
    this.stored = stored;
    this.prefix = site.name().replaceAll("[^A-Za-z0-9_./]", "_") + "/lowrank";
  }

  /**
   * Replaces the table of {@code site} by {@code stored}.
   *
   * @param starts the first row of each part
   */
  static void replace(
      ModelGraph model, EmbeddingSite site, StoredTable stored, Map<Part, Integer> starts)
      throws IOException {
    new TableRewrite(model, site, stored, starts).run();
  }

  /** Leaves no row of a matrix that nothing looks up. */
  static void empty(ModelGraph model, EmbeddingSite site, Part part) {
    new TableRewrite(model, site, null, Map.of()).noteShapes(part, 0, part.columns);
  }

  private void run() throws IOException {
    if (stored.coded()) {
      model.meta.getGraphDefBuilder().getLibraryBuilder().addFunction(stored.decoder(decoder()));
    }
    for (Part part : site.parts()) {
      for (Part.Use use : part.whole) {
        replaceWhole(part, use);
      }
      for (Part.Lookup lookup : part.lookups) {
        replaceLookup(part, lookup);
      }
      part.shapes.forEach(place -> replaceShape(part, place));
      noteShapes(part, part.rows, stored.width());
    }
    renamePlaces();
  }

  private String decoder() {
    return prefix.replaceAll("[^A-Za-z0-9_]", "_") + "_decode";
  }

  /** Whether {@code node} stands in a loop of TensorFlow 1. */
  private static boolean inLoop(GraphScope scope, String node) {
    if (scope.nodes().stream().noneMatch(n -> n.getOp().endsWith("Enter"))) {
      return false;
    }
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(node));
    while (!open.isEmpty()) {
      NodeDef at = scope.node(open.pop().replaceFirst("^\\^", "").replaceFirst(":.*", ""));
      if (at == null || !seen.add(at.getName()) || at.getOp().endsWith("Exit")) {
        continue;
      }
      if (at.getOp().endsWith("Enter")) {
        return true;
      }
      at.getInputList().forEach(open::push);
    }
    return false;
  }

  /** Adds ops to one scope, near one op. */
  private final class Site {
    private final GraphScope scope;
    private final String name;
    // In a loop of TensorFlow 1 an op belongs to the loop only if an input or control input does.
    private final String anchor;

    Site(GraphScope scope, String name, String anchor) {
      this.scope = scope;
      this.name = name;
      boolean loop = anchor != null && (inLoop(scope, name) || inLoop(scope, anchor));
      this.anchor = loop ? anchor : null;
    }

    String add(String op, String output, List<String> inputs, Map<String, AttrValue> attributes) {
      String node =
          scope.add(
              NodeDef.newBuilder().setOp(op).addAllInput(inputs).putAllAttr(attributes),
              name + "/lowrank/" + op);
      return scope.value(node, output, 0);
    }

    String constant(String label, DataType type, AttrValue value) {
      String key = scope.function() + "\n" + label;
      if (anchor == null && constants.containsKey(key)) {
        return constants.get(key);
      }
      NodeDef.Builder node =
          NodeDef.newBuilder()
              .setOp("Const")
              .putAttr("dtype", Nodes.type(type))
              .putAttr("value", value);
      if (anchor != null) {
        node.addInput("^" + anchor);
      }
      String made = scope.value(scope.add(node, prefix + "_" + label), "output", 0);
      constants.put(key, made);
      return made;
    }

    String integers(String label, int... values) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asIntBuffer().put(values);
      return constant(
          label,
          DataType.DT_INT32,
          Nodes.tensor(DataType.DT_INT32, ByteString.copyFrom(bytes), values.length));
    }

    String cast(String value, DataType from, DataType to) {
      return from == to
          ? value
          : add(
              "Cast",
              "y",
              List.of(value),
              Map.of("SrcT", Nodes.type(from), "DstT", Nodes.type(to)));
    }

    String reshape(String value, String shape, DataType type) {
      return add(
          "Reshape",
          "output",
          List.of(value, shape),
          Map.of("T", Nodes.type(type), "Tshape", Nodes.type(DataType.DT_INT32)));
    }

    /** {@code W_a} of rows of the stored form, {@code [n, width]} to {@code [n, k]}. */
    String decode(String rows, DataType type) throws IOException {
      if (!stored.coded()) {
        return rows;
      }
      if (anchor != null) {
        return decodeInline(rows);
      }
      return add(
          "PartitionedCall",
          "output",
          List.of(rows),
          Map.of(
              "Tin", types(type),
              "Tout", types(DataType.DT_FLOAT),
              "f",
                  AttrValue.newBuilder()
                      .setFunc(NameAttrList.newBuilder().setName(decoder()))
                      .build()));
    }

    /** The ops of the decoder themselves: a function's constants would not belong to the loop. */
    private String decodeInline(String rows) {
      FunctionDef function = stored.decoder(decoder());
      String argument = function.getSignature().getInputArg(0).getName();
      Map<String, String> names = new HashMap<>();
      for (NodeDef node : function.getNodeDefList()) {
        names.put(node.getName(), scope.fresh(name + "/lowrank/decode/" + node.getName()));
      }
      for (NodeDef node : function.getNodeDefList()) {
        NodeDef.Builder copy = node.toBuilder().setName(names.get(node.getName())).clearInput();
        for (String input : node.getInputList()) {
          String[] words = input.split(":"); // node:output:number, or the argument
          copy.addInput(
              input.equals(argument)
                  ? rows
                  : scope.value(names.get(words[0]), words[1], Integer.parseInt(words[2])));
        }
        if (node.getInputCount() == 0) {
          copy.addInput("^" + anchor);
        }
        scope.put(copy.build());
      }
      String[] words = function.getRetOrThrow("rows").split(":");
      return scope.value(names.get(words[0]), words[1], 0);
    }

    /** {@code W_b} in floats or doubles. */
    String factor(DataType exact) {
      Matrix wb = stored.wb();
      return constant(
          exact == DataType.DT_FLOAT ? "wb" : "wb_double",
          exact,
          Nodes.tensor(
              exact,
              ByteString.copyFrom(Numbers.write(exact, wb.values())),
              wb.rows(),
              wb.columns()));
    }

    /** The product of {@code [n, k]} and {@code W_b}, as {@code to}. */
    String product(String rows, DataType type, DataType to) {
      if (stored.wb() == null) {
        return cast(rows, type, to);
      }
      DataType exact = type == DataType.DT_DOUBLE ? type : DataType.DT_FLOAT;
      String factor = factor(exact);
      String product =
          add(
              "MatMul",
              "product",
              List.of(cast(rows, type, exact), factor),
              Map.of(
                  "T", Nodes.type(exact),
                  "transpose_a", AttrValue.newBuilder().setB(false).build(),
                  "transpose_b", AttrValue.newBuilder().setB(false).build()));
      return cast(product, exact, to);
    }
  }

  private static AttrValue types(DataType type) {
    return AttrValue.newBuilder().setList(AttrValue.ListValue.newBuilder().addType(type)).build();
  }

  private static DataType typeOf(NodeDef node) {
    for (String name : List.of("dtype", "Tparams", "T")) {
      if (node.containsAttr(name)) {
        return node.getAttrOrThrow(name).getType();
      }
    }
    return DataType.DT_INVALID;
  }

  private void replaceLookup(Part part, Part.Lookup lookup) throws IOException {
    GraphScope scope = lookup.scope();
    NodeDef node = scope.node(lookup.node());
    DataType type = typeOf(node);
    String source = lookup.source();
    Site here = new Site(scope, node.getName(), node.getName() + "/lowrank/rows");
    DataType rowType = part.type;
    boolean decodeFirst = lookup.sparse() && stored.coded();
    if (decodeFirst) {
      Site before = new Site(scope, node.getName(), source.replaceFirst(":.*", ""));
      source = before.decode(source, part.type);
      rowType = DataType.DT_FLOAT;
    }
    NodeDef.Builder rows = node.toBuilder().setInput(0, source);
    for (String name : List.of("dtype", "Tparams", "T")) {
      if (node.containsAttr(name)) {
        rows.putAttr(name, Nodes.type(rowType));
        break;
      }
    }
    String label = scope.fresh(node.getName() + "/lowrank/rows");
    scope.put(rows.setName(label).removeAttr("_output_shapes").build());
    String found = scope.value(label, "output", 0);
    String shape =
        here.add(
            "Shape",
            "output",
            List.of(found),
            Map.of("T", Nodes.type(rowType), "out_type", Nodes.type(DataType.DT_INT32)));
    String leading =
        here.add(
            "StridedSlice",
            "output",
            List.of(
                shape,
                here.integers("begin", 0),
                here.integers("end", -1),
                here.integers("stride", 1)),
            Map.of(
                "T", Nodes.type(DataType.DT_INT32),
                "Index", Nodes.type(DataType.DT_INT32),
                "begin_mask", number(0),
                "end_mask", number(0),
                "ellipsis_mask", number(0),
                "new_axis_mask", number(0),
                "shrink_axis_mask", number(0)));
    String full =
        here.add(
            "ConcatV2",
            "output",
            List.of(leading, here.integers("columns", part.columns), zero(here)),
            Map.of(
                "N", number(2),
                "T", Nodes.type(DataType.DT_INT32),
                "Tidx", Nodes.type(DataType.DT_INT32)));
    int width = decodeFirst ? stored.rank() : stored.width();
    String flat = here.reshape(found, here.integers("flat" + width, -1, width), rowType);
    if (!decodeFirst && stored.coded()) {
      flat = here.decode(flat, rowType);
      rowType = DataType.DT_FLOAT;
    }
    String product = here.product(flat, rowType, type);
    // The lookup's consumers know its name and that of its output: a reshape has both.
    scope.put(
        NodeDef.newBuilder()
            .setName(node.getName())
            .setOp("Reshape")
            .setDevice(node.getDevice())
            .addInput(product)
            .addInput(full)
            .putAttr("T", Nodes.type(type))
            .putAttr("Tshape", Nodes.type(DataType.DT_INT32))
            .build());
  }

  private static String zero(Site here) {
    return here.constant(
        "axis",
        DataType.DT_INT32,
        Nodes.tensor(DataType.DT_INT32, ByteString.copyFrom(new byte[Integer.BYTES])));
  }

  private static AttrValue number(long value) {
    return AttrValue.newBuilder().setI(value).build();
  }

  private void replaceWhole(Part part, Part.Use use) throws IOException {
    GraphScope scope = use.scope();
    if (stored.coded() && use.type() != part.type) {
      throw new IOException(
          "%s: codes cannot be cast, but %s uses the whole table as %s"
              .formatted(site.name(), use.node(), use.type()));
    }
    NodeDef user = use.node() == null ? null : scope.node(use.node());
    String value =
        user == null
            ? scope.returns().get(use.output())
            : scope.canonical(user.getInput(use.input()));
    if (user != null && replaceProducts(use, user, value)) {
      return;
    }
    String key = scope.function() + "\n" + value;
    String product = products.get(key);
    if (product == null) {
      Site here = new Site(scope, prefix, value.replaceFirst(":.*", ""));
      if (user != null && RESOURCE_LOOKUPS.containsKey(user.getOp())) {
        value =
            here.add(
                "ReadVariableOp", "value", List.of(value), Map.of("dtype", Nodes.type(part.type)));
      }
      DataType type = stored.coded() ? DataType.DT_FLOAT : use.type();
      product = here.product(here.decode(value, use.type()), type, use.type());
      products.put(key, product);
    }
    if (user == null) {
      scope.returning(use.output(), product);
    } else if (RESOURCE_LOOKUPS.containsKey(user.getOp())) {
      scope.put(tensorLookup(scope, user, product));
    } else {
      scope.put(user.toBuilder().setInput(use.input(), product).build());
    }
  }

  /**
   * Multiplies by one factor after the other where the table is the second factor of products, as
   * it is or transposed: the whole table is never computed.
   *
   * @return whether that could be done
   */
  private boolean replaceProducts(Part.Use use, NodeDef user, String value) throws IOException {
    GraphScope scope = use.scope();
    boolean exact = use.type() == DataType.DT_FLOAT || use.type() == DataType.DT_DOUBLE;
    List<NodeDef> found = productsOf(use, user);
    if (!exact || found.isEmpty() || stored.wb() == null) {
      return false;
    }
    Site here = new Site(scope, prefix, value.replaceFirst(":.*", ""));
    String key = scope.function() + "\n" + value + "\nwa";
    String wa = products.get(key);
    if (wa == null) {
      DataType type = stored.coded() ? DataType.DT_FLOAT : use.type();
      wa = here.cast(here.decode(value, use.type()), type, use.type());
      products.put(key, wa);
    }
    String wb = here.factor(use.type());
    for (NodeDef product : found) {
      boolean plain = product.getOp().equals("MatMul");
      String first = plain ? "transpose_a" : "adj_x";
      String second = plain ? "transpose_b" : "adj_y";
      boolean transposed =
          product.getAttrOrDefault(second, AttrValue.getDefaultInstance()).getB()
              != user.getOp().equals("Transpose");
      NodeDef.Builder inner =
          product.toBuilder()
              .clearInput()
              .removeAttr("_output_shapes")
              .addInput(product.getInput(0))
              .addInput(transposed ? wb : wa)
              .putAttr(second, AttrValue.newBuilder().setB(transposed).build());
      String name = scope.add(inner, product.getName() + "/lowrank/MatMul");
      String output = plain ? "product" : "output";
      scope.put(
          product.toBuilder()
              .setInput(0, scope.value(name, output, 0))
              .setInput(1, transposed ? wa : wb)
              .putAttr(first, AttrValue.newBuilder().setB(false).build())
              .putAttr(second, AttrValue.newBuilder().setB(transposed).build())
              .build());
    }
    return true;
  }

  /** The products whose second factor {@code use} gives; empty if it gives something else, too. */
  static List<NodeDef> productsOf(Part.Use use, NodeDef user) {
    if (Tables.PRODUCTS.contains(user.getOp()) && use.input() == 1) {
      return List.of(user);
    }
    GraphScope scope = use.scope();
    if (!user.getOp().equals("Transpose") || use.input() != 0) {
      return List.of();
    }
    // A matrix can be transposed in one way only, or in none.
    NodeDef order = scope.producer(ModelGraph.origin(scope, user.getInput(1)));
    if (order == null || !order.getOp().equals("Const") || Tables.integer(order) != 1) {
      return List.of();
    }
    List<NodeDef> products = new ArrayList<>();
    for (GraphScope.Use next : scope.consumers(user.getName())) {
      if (!Tables.PRODUCTS.contains(next.node().getOp()) || next.index() != 1) {
        return List.of();
      }
      products.add(next.node());
    }
    String made = scope.value(user.getName(), "y", 0);
    return scope.returns().containsValue(made) ? List.of() : products;
  }

  /** A lookup in a variable as one in the table {@code table}. */
  private NodeDef tensorLookup(GraphScope scope, NodeDef lookup, String table) {
    boolean nd = lookup.getOp().equals("ResourceGatherNd");
    NodeDef.Builder node =
        NodeDef.newBuilder()
            .setName(lookup.getName())
            .setOp(RESOURCE_LOOKUPS.get(lookup.getOp()))
            .setDevice(lookup.getDevice())
            .addInput(table)
            .addInput(lookup.getInput(1))
            .putAttr("Tparams", lookup.getAttrOrThrow("dtype"))
            .putAttr("Tindices", lookup.getAttrOrThrow("Tindices"));
    if (!nd) {
      node.addInput(zero(new Site(scope, lookup.getName(), lookup.getName())))
          .putAttr("Taxis", Nodes.type(DataType.DT_INT32))
          .putAttr("batch_dims", lookup.getAttrOrDefault("batch_dims", number(0)));
    }
    lookup.getInputList().stream().filter(i -> i.startsWith("^")).forEach(node::addInput);
    return node.build();
  }

  /** What asks for the shape gets that of the whole table. */
  private void replaceShape(Part part, Part.Place place) {
    NodeDef node = place.scope().node(place.node());
    DataType type = node.getAttrOrDefault("out_type", Nodes.type(DataType.DT_INT32)).getType();
    boolean size = node.getOp().equals("Size");
    long[] sizes =
        size ? new long[] {(long) part.rows * part.columns} : new long[] {part.rows, part.columns};
    boolean wide = type == DataType.DT_INT64;
    ByteBuffer bytes =
        ByteBuffer.allocate(sizes.length * (wide ? 8 : 4)).order(ByteOrder.LITTLE_ENDIAN);
    for (long s : sizes) {
      if (wide) {
        bytes.putLong(s);
      } else {
        bytes.putInt((int) s);
      }
    }
    ByteString content = ByteString.copyFrom(bytes.flip());
    place
        .scope()
        .put(
            Nodes.constant(
                node.getName(),
                type,
                size ? Nodes.tensor(type, content) : Nodes.tensor(type, content, 2)));
  }

  /** What gives the variable its first value gives it zeros: it is restored afterwards. */
  private static void zeroFirst(Part part, int rows, int width) {
    for (Part.Place place : part.firstValues) {
      NodeDef node = place.scope().node(place.node());
      String zeros =
          place
              .scope()
              .add(
                  NodeDef.newBuilder()
                      .setOp("Const")
                      .putAttr("dtype", Nodes.type(part.type))
                      .putAttr("value", Numbers.zeros(part.type, rows, width)),
                  node.getName() + "/lowrank_first");
      place
          .scope()
          .put(node.toBuilder().setInput(1, place.scope().value(zeros, "output", 0)).build());
    }
  }

  /** Tells everything that notes the shape of the variable about the new one. */
  private void noteShapes(Part part, int rows, int width) {
    zeroFirst(part, rows, width);
    TensorShapeProto shape = Nodes.shape(rows, width);
    TensorShapeProto old = part.declared;
    GraphScope home = model.scopes.get(part.scope);
    for (String holder : part.holders) {
      NodeDef.Builder node = home.node(holder).toBuilder().removeAttr("_output_shapes");
      if (part.kind == Part.Kind.CONSTANT) {
        node.putAttr(
            "value",
            Nodes.tensor(
                part.type,
                ByteString.copyFrom(stored.bytes(starts.get(part), part.rows)),
                part.rows,
                stored.width()));
      } else {
        node.putAttr("shape", AttrValue.newBuilder().setShape(shape).build());
        if (part.kind == Part.Kind.RESOURCE) {
          node.putAttr(
              "_output_shapes",
              AttrValue.newBuilder()
                  .setList(AttrValue.ListValue.newBuilder().addShape(Nodes.shape()))
                  .build());
        }
      }
      home.put(node.build());
    }
    for (Part.Place place : part.carriers) {
      NodeDef node = place.scope().node(place.node());
      if (node != null) {
        place.scope().put(node.toBuilder().removeAttr("_output_shapes").build());
      }
    }
    for (Part.Place place : part.loops) {
      NodeDef.Builder node = place.scope().node(place.node()).toBuilder();
      AttrValue.Builder shapes =
          node.getAttrOrDefault("output_shapes", AttrValue.getDefaultInstance()).toBuilder();
      if (shapes.getList().getShapeCount() > place.input()
          && shapes.getList().getShape(place.input()).getDimCount() == 2) {
        shapes.getListBuilder().setShape(place.input(), shape);
        node.putAttr("output_shapes", shapes.build());
      }
      place.scope().put(node.removeAttr("_output_shapes").build());
    }
    if (model.meta.hasObjectGraphDef()) {
      for (int object : part.objects) {
        model
            .meta
            .getObjectGraphDefBuilder()
            .getNodesBuilder(object)
            .getVariableBuilder()
            .setShape(shape);
      }
    }
    for (FunctionDef.Builder function :
        model.meta.getGraphDefBuilder().getLibraryBuilder().getFunctionBuilderList()) {
      for (Part.Argument argument : part.arguments.keySet()) {
        if (argument.function().equals(function.getSignature().getName())) {
          noteShape(function, argument, old, shape);
        }
      }
    }
  }

  private static void noteShape(
      FunctionDef.Builder function,
      Part.Argument argument,
      TensorShapeProto old,
      TensorShapeProto shape) {
    int index = argument.index();
    OpDef.Builder signature = function.getSignatureBuilder();
    noteShape(signature.getInputArgBuilder(index), old, shape);
    // A loop's body gives on what it was given.
    if (index < signature.getOutputArgCount()) {
      noteShape(signature.getOutputArgBuilder(index), old, shape);
    }
    if (argument.resource()) {
      return;
    }
    if (function.containsArgAttr(index)) {
      function.putArgAttr(
          index,
          function.getArgAttrOrThrow(index).toBuilder().removeAttr("_output_shapes").build());
    }
    if (function.containsAttr("_input_shapes")) {
      AttrValue.Builder shapes = function.getAttrOrThrow("_input_shapes").toBuilder();
      if (shapes.getList().getShapeCount() > index) {
        shapes.getListBuilder().setShape(index, shape);
        function.putAttr("_input_shapes", shapes.build());
      }
    }
  }

  private static void noteShape(
      OpDef.ArgDef.Builder argument, TensorShapeProto old, TensorShapeProto shape) {
    for (ResourceHandleProto.DtypeAndShape.Builder handle : argument.getHandleDataBuilderList()) {
      if (handle.getShape().equals(old)) {
        handle.setShape(shape);
      }
    }
  }

  /** The places of parts of partitioned variables, in the ops that save and restore them. */
  private void renamePlaces() {
    Map<String, String> places = new HashMap<>();
    for (Part part : site.parts()) {
      if (!part.slice.isEmpty()) {
        part.keys.forEach(key -> places.put(key + "\n" + part.slice, part.slice(stored.width())));
      }
    }
    if (places.isEmpty()) {
      return;
    }
    for (GraphScope scope : model.scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        if (!node.getOp().equals("RestoreV2") && !node.getOp().equals("SaveV2")) {
          continue;
        }
        List<String> names = ModelGraph.strings(scope, node.getInput(1));
        List<String> slices = ModelGraph.strings(scope, node.getInput(2));
        if (names == null || slices == null) {
          continue;
        }
        List<ByteString> changed = new ArrayList<>();
        for (int i = 0; i < slices.size(); i++) {
          String key = (i < names.size() ? names.get(i) : "") + "\n" + slices.get(i);
          changed.add(ByteString.copyFromUtf8(places.getOrDefault(key, slices.get(i))));
        }
        NodeDef.Builder constant = scope.producer(scope.canonical(node.getInput(2))).toBuilder();
        TensorProto.Builder tensor = constant.getAttrOrThrow("value").getTensor().toBuilder();
        tensor.clearTensorContent().clearStringVal().addAllStringVal(changed);
        scope.put(
            constant.putAttr("value", AttrValue.newBuilder().setTensor(tensor).build()).build());
      }
    }
  }
}
