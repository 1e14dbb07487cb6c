#!/usr/bin/env python3
"""Makes the small SavedModels in the archives beside this file, as other people's programs write them.

make_models.py [NAME ...]     (needs tensorflow-cpu and keras; the build needs neither)

Each has answers.json: signature, inputs and the outputs that TensorFlow gave in Python. Tables have rank 3 and a
little noise, so that a factorization at half their size changes little."""
import json, os, shutil, sys, tempfile, zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np, tensorflow as tf, keras

HERE = os.path.dirname(os.path.abspath(__file__))
V, D, L = 60, 12, 7
tf1 = tf.compat.v1


def table(rows=V, columns=D, seed=0, noise=0.01):
    r = np.random.default_rng(seed)
    t = r.normal(size=(rows, 3)) @ r.normal(size=(3, columns)) * 0.3
    return (t + r.normal(size=t.shape) * noise).astype(np.float32)


def ids(rows=5, length=L, limit=V, dtype=np.int64):
    return np.random.default_rng(9).integers(0, limit, (rows, length)).astype(dtype)


def answers(directory, inputs, signature="serving_default", tags=None):
    f = tf.saved_model.load(directory, tags=tags).signatures[signature]
    spec = f.structured_input_signature[1]
    outputs = f(**{k: tf.constant(v, spec[k].dtype) for k, v in inputs.items()})
    json.dump({"signature": signature,
               "inputs": {k: np.asarray(v).tolist() for k, v in inputs.items()},
               "outputs": {k: np.round(v.numpy().astype(float), 7).tolist() for k, v in outputs.items()}},
              open(os.path.join(directory, "answers.json"), "w"))


def keras_model(directory, layers, export=True, loss=False, vocabulary=V, policy=None):
    keras.utils.set_random_seed(1)
    x = keras.Input((L,), dtype="int32", name="ids")
    embedding = keras.layers.Embedding(vocabulary, D, name="words", dtype=policy)
    y = layers(embedding(x), embedding)
    model = keras.Model(x, y, name="m")
    embedding.set_weights([table()])
    if loss:
        model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
        model.fit(ids(dtype=np.int32), np.arange(5) % 3, verbose=0)
    if export:
        model.export(directory, verbose=False)
    else:
        tf.saved_model.save(model, directory)
    f = tf.saved_model.load(directory).signatures["serving_default"]
    answers(directory, {list(f.structured_input_signature[1])[0]: ids(dtype=np.int32)})


def convolution(d):
    keras_model(d, lambda e, _: keras.layers.Dense(3, activation="softmax")(
        keras.layers.GlobalMaxPooling1D()(keras.layers.Conv1D(6, 3, activation="relu")(e))))


def bidirectional_gru(d):
    keras_model(d, lambda e, _: keras.layers.Dense(3, activation="softmax")(
        keras.layers.Bidirectional(keras.layers.GRU(4, name="g", reset_after=False), name="b")(e)), export=False)


def attention(d):
    def layers(e, _):
        a = keras.layers.MultiHeadAttention(2, 4)(e, e)
        return keras.layers.Dense(3)(keras.layers.GlobalAveragePooling1D()(keras.layers.LayerNormalization()(a + e)))
    keras_model(d, layers, export=False)


def optimizer_slots(d):
    keras_model(d, lambda e, _: keras.layers.Dense(3, activation="softmax")(
        keras.layers.GlobalAveragePooling1D()(e)), export=False, loss=True)


def half_keras(d):
    keras_model(d, lambda e, _: keras.layers.Dense(3, dtype="float32")(
        keras.layers.GlobalAveragePooling1D()(e)), policy="float16")


def mixed_keras(d):
    keras_model(d, lambda e, _: keras.layers.Dense(3, dtype="float32")(
        keras.layers.GlobalAveragePooling1D()(e)), policy="mixed_bfloat16")


class Module(tf.Module):
    """A table and what a function does with it."""

    def __init__(self, tables, body, spec):
        super().__init__()
        self.tables = [tf.Variable(t, name=f"table_{i}") for i, t in enumerate(tables)]
        self.weight = tf.Variable(np.random.default_rng(5).normal(size=(D, 3)).astype(np.float32), name="weight")
        self.serve = tf.function(lambda **x: body(self, **x), input_signature=None)
        self.spec = spec

    def save(self, directory, inputs):
        concrete = tf.function(lambda **x: self.serve(**x)).get_concrete_function(**self.spec)
        tf.saved_model.save(self, directory, signatures={"serving_default": concrete})
        answers(directory, inputs)


IDS = {"ids": tf.TensorSpec([None, L], tf.int64, name="ids")}


def module(d, tables, body, inputs=None):
    Module(tables, body, IDS).save(d, {"ids": ids()} if inputs is None else inputs)


def half_module(d):
    module(d, [table().astype(np.float16)], lambda m, ids: {
        "y": tf.cast(tf.reduce_mean(tf.nn.embedding_lookup(m.tables[0], ids), 1), tf.float32) @ m.weight})


def bfloat_module(d):
    module(d, [tf.cast(table(), tf.bfloat16)], lambda m, ids: {
        "y": tf.cast(tf.reduce_mean(tf.gather(m.tables[0], ids), 1), tf.float32) @ m.weight})


def sparse_module(d):
    def body(m, ids):
        sparse = tf.sparse.from_dense(ids)
        return {"mean": tf.nn.embedding_lookup_sparse(m.tables[0], sparse, None, combiner="mean") @ m.weight,
                "safe": tf.nn.safe_embedding_lookup_sparse(m.tables[0], sparse, combiner="sqrtn") @ m.weight,
                "fast": tf.nn.embedding_lookup_sparse(m.tables[0], sparse, None, combiner="sum",
                                                      allow_fast_lookup=True) @ m.weight}
    module(d, [table()], body)


def gather_nd(d):
    module(d, [table()], lambda m, ids: {
        "y": tf.reduce_sum(tf.gather_nd(m.tables[0], ids[..., None]), 1) @ m.weight})


def tied(d):
    module(d, [table()], lambda m, ids: {
        "y": tf.matmul(tf.reduce_mean(tf.gather(m.tables[0], ids), 1), m.tables[0], transpose_b=True)})


def loop(d):
    def body(m, ids):
        def step(i, state):
            return i + 1, tf.tanh(state + tf.nn.embedding_lookup(m.tables[0], ids[:, i]))
        _, state = tf.while_loop(lambda i, s: i < L, step, [0, tf.zeros([tf.shape(ids)[0], D])])
        y = tf.cond(tf.reduce_sum(ids) > 0, lambda: tf.gather(m.tables[0], ids[:, 0]), lambda: state)
        return {"y": (state + y) @ m.weight}
    module(d, [table()], body)


def two_tables(d):
    module(d, [table(), table(80, D, 3)], lambda m, ids: {
        "y": tf.reduce_mean(tf.gather(m.tables[0], ids) * tf.gather(m.tables[1], ids), 1) @ m.weight})


def shared_function(d):
    @tf.function
    def lookup(handle, ids):
        return tf.nn.embedding_lookup(handle, ids)
    module(d, [table(), table(seed=3)], lambda m, ids: {
        "y": tf.reduce_mean(lookup(m.tables[0], ids) * lookup(m.tables[1], ids), 1) @ m.weight})


def mod_module(d):
    t = table()
    module(d, [t[0::3], t[1::3], t[2::3]], lambda m, ids: {
        "y": tf.reduce_mean(tf1.nn.embedding_lookup(m.tables, ids, partition_strategy="mod"), 1) @ m.weight})


def v1(directory, build, inputs, resource):
    with tf.Graph().as_default():
        tf1.set_random_seed(2)
        if resource:
            tf1.enable_resource_variables()
        else:
            tf1.disable_resource_variables()
        feeds, outputs = build()
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            session.run(tf1.tables_initializer())
            tf1.saved_model.simple_save(session, directory, feeds, outputs)
    tf1.enable_resource_variables()
    answers(directory, inputs)


def partitioned(strategy, resource):
    def build():
        x = tf1.placeholder(tf.int64, [None, L], "ids")
        t = tf1.get_variable(
            "embedding", [V, D], initializer=lambda s, dtype=None, partition_info=None: tf.constant(
                table()[partition_info.var_offset[0]:partition_info.var_offset[0] + s[0]]),
            use_resource=resource, partitioner=tf1.fixed_size_partitioner(3))
        w = tf1.get_variable("w", [D, 3], initializer=tf1.random_normal_initializer(seed=3))
        return {"ids": x}, {"y": tf.matmul(tf.reduce_mean(
            tf1.nn.embedding_lookup(t, x, partition_strategy=strategy), 1), w)}
    return lambda d: v1(d, build, {"ids": ids()}, resource)


def v1_sparse(d):
    def build():
        x = tf1.placeholder(tf.int64, [None, L], "ids")
        t = tf1.get_variable("embedding", initializer=tf.constant(table()))
        w = tf1.get_variable("w", [D, 3], initializer=tf1.random_normal_initializer(seed=3))
        s = tf.sparse.from_dense(x)
        return {"ids": x}, {"y": tf.matmul(tf1.nn.embedding_lookup_sparse(t, s, None, combiner="mean"), w),
                            "safe": tf.matmul(tf1.nn.safe_embedding_lookup_sparse([t], s, combiner="mean"), w)}
    v1(d, build, {"ids": ids()}, False)


def v1_loop(d):
    def build():
        tf1.disable_control_flow_v2()
        x = tf1.placeholder(tf.int64, [None, L], "ids")
        t = tf1.get_variable("embedding", initializer=tf.constant(table()))
        w = tf1.get_variable("w", [D, 3], initializer=tf1.random_normal_initializer(seed=3))
        _, state = tf1.while_loop(lambda i, s: i < L, lambda i, s: (
            i + 1, tf.tanh(s + tf.nn.embedding_lookup(t, x[:, i]))), [0, tf.zeros([tf.shape(x)[0], D])])
        tf1.enable_control_flow_v2()
        return {"ids": x}, {"y": tf.matmul(state, w)}
    v1(d, build, {"ids": ids()}, False)


def v1_training(resource):
    """A graph that still holds its training."""
    def build():
        x = tf1.placeholder(tf.int64, [None, L], "ids")
        t = tf1.get_variable("embedding", initializer=tf.constant(table()), use_resource=resource)
        w = tf1.get_variable("w", [D, 3], initializer=tf1.random_normal_initializer(seed=3), use_resource=resource)
        y = tf.matmul(tf.reduce_mean(tf1.nn.embedding_lookup(t, x), 1), w)
        tf1.train.AdamOptimizer().minimize(tf.reduce_sum(y))
        return {"ids": x}, {"y": y}
    return lambda d: v1(d, build, {"ids": ids()}, resource)


def scaled(d):
    """Looks up rows of what it computes from the table, single numbers, and one-hot products."""
    module(d, [table(), table(seed=3), table(seed=5)], lambda m, ids: {
        "y": tf.reduce_mean(tf.gather(m.tables[0] * 3.0, ids), 1) @ m.weight,
        "cells": tf.gather_nd(m.tables[1], tf.stack([ids, ids % D], -1)),
        "products": tf.matmul(tf.one_hot(ids[:, 0], V), m.tables[2]) @ m.weight})


def tied_transposed(d):
    def body(m, ids):
        turned = tf.transpose(m.tables[0])
        _, state = tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, tf.tanh(
            tf.matmul(tf.nn.softmax(tf.matmul(s, m.tables[0], transpose_b=True)), m.tables[0]))),
            [0, tf.reduce_mean(tf.gather(m.tables[0], ids), 1)])
        return {"y": tf.matmul(state, turned), "z": tf.matmul(tf.gather(m.tables[0], ids), turned)[:, 0]}
    module(d, [table()], body)


def open_shape(d):
    m = Module([], lambda m, ids: {"y": tf.reduce_mean(tf.gather(m.open, ids), 1) @ m.weight}, IDS)
    m.open = tf.Variable(table(), shape=[None, D], name="open")
    m.save(d, {"ids": ids()})


def small_table_beside(d):
    """Row numbers of the large table would be too large for the small one."""
    module(d, [table(), table(4, D, 3)], lambda m, ids: {
        "y": tf.reduce_mean(tf.gather(m.tables[0], ids) + tf.gather(m.tables[1], ids), 1) @ m.weight},
        {"ids": ids(limit=4)})


def file_and_choice(d):
    """Texts, a vocabulary from a file, and a choice after and before lookups."""
    path = os.path.join(tempfile.mkdtemp(), "vocabulary.txt")
    with open(path, "w") as f:
        f.write("\n".join(WORDS))
    class Texts(tf.Module):
        def __init__(self):
            super().__init__()
            self.words = tf.lookup.StaticVocabularyTable(tf.lookup.TextFileInitializer(
                path, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
                tf.lookup.TextFileIndex.LINE_NUMBER), 2)
            self.table = tf.Variable(table(noise=0.2), name="table")
            self.weight = tf.Variable(table(D, 3, 1), name="weight")

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def __call__(self, text):
            n = self.words.lookup(tf.strings.split(text).to_tensor("w0"))
            first = tf.gather(self.table, n[:, 0])
            y = tf.cond(tf.shape(n)[1] > 5, lambda: tf.reduce_mean(tf.gather(self.table, n), 1) * first,
                        lambda: tf.tanh(tf.reduce_max(tf.gather(self.table, n), 1)) + first)
            return {"y": tf.nn.softmax(y @ self.weight)}
    m = Texts()
    tf.saved_model.save(m, d, signatures=m.__call__)
    answers(d, {"text": ["w1 w2 w3", "w4 w50", "w9 w9 w8 w30"]})


def text_sparse(d):
    class Texts(tf.Module):
        def __init__(self):
            super().__init__()
            self.table = tf.Variable(table(noise=0.2), name="table")
            self.weight = tf.Variable(table(D, 3, 1), name="weight")

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def __call__(self, text):
            n = tf.strings.to_hash_bucket_fast(tf.strings.split(text), V).to_sparse()
            return {"y": tf.nn.softmax(tf.nn.safe_embedding_lookup_sparse(
                self.table, n, combiner="sqrtn") @ self.weight)}
    m = Texts()
    tf.saved_model.save(m, d, signatures=m.__call__)
    answers(d, {"text": ["w1 w2 w3", "", "w9 w9 w8 w30"]})


def v1_text_loop(d):
    """A loop of TensorFlow 1, of which there is no gradient, over words of texts."""
    def build():
        tf1.disable_control_flow_v2()
        text = tf1.placeholder(tf.string, [None], "text")
        n = tf.strings.to_hash_bucket_fast(
            tf.sparse.to_dense(tf1.string_split(text), default_value="w0"), V)
        t = tf1.get_variable("embedding", initializer=tf.constant(table(noise=0.2)))
        w = tf1.get_variable("w", [D, 3], initializer=tf1.random_normal_initializer(seed=3))
        _, state = tf1.while_loop(lambda i, s: i < tf.shape(n)[1], lambda i, s: (
            i + 1, tf.tanh(s + tf.nn.embedding_lookup(t, n[:, i]))), [0, tf.zeros([tf.shape(n)[0], D])])
        tf1.enable_control_flow_v2()
        return {"text": text}, {"y": tf.nn.softmax(tf.matmul(state, w))}
    v1(d, build, {"text": ["w1 w2 w3", "w4 w50", "w9 w9 w8 w30"]}, False)


def two_graphs(d):
    """One checkpoint, a graph that serves and one with other tags before it."""
    with tf.Graph().as_default():
        tf1.disable_resource_variables()
        x = tf1.placeholder(tf.int64, [None, L], "ids")
        t = tf1.get_variable("embedding", initializer=tf.constant(table()))
        w = tf1.get_variable("w", [D, 3], initializer=tf1.random_normal_initializer(seed=3))
        signature = tf1.saved_model.predict_signature_def(
            {"ids": x}, {"y": tf.matmul(tf.reduce_mean(tf.gather(t, x), 1), w)})
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            builder = tf1.saved_model.Builder(d)
            builder.add_meta_graph_and_variables(session, ["train"], {"serving_default": signature})
            builder.add_meta_graph(["serve"], {"serving_default": signature})
            builder.save()
    tf1.enable_resource_variables()
    answers(d, {"ids": ids()}, tags=["serve"])


def frozen(d):
    m = Module([table()], lambda m, ids: {
        "y": tf.reduce_mean(tf.gather(m.tables[0], ids), 1) @ m.weight}, IDS)
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
    f = convert_variables_to_constants_v2(
        tf.function(lambda ids: m.serve(ids=ids)).get_concrete_function(IDS["ids"]))
    with tf.Graph().as_default():
        tf.import_graph_def(f.graph.as_graph_def(), name="")
        with tf1.Session() as session:
            tf1.saved_model.simple_save(
                session, d, {"ids": session.graph.get_tensor_by_name(f.inputs[0].name)},
                {"y": session.graph.get_tensor_by_name(f.outputs[0].name)})
    answers(d, {"ids": ids()})


WORDS = [f"w{i}" for i in range(V - 2)]


def texts(directory, layers, length=L):
    """A model that takes texts."""
    keras.utils.set_random_seed(1)
    x = keras.Input((), dtype="string", name="text")
    ids = keras.layers.TextVectorization(vocabulary=WORDS, output_sequence_length=length)(x)
    embedding = keras.layers.Embedding(V, D, name="words")
    model = keras.Model(x, keras.layers.Dense(3, activation="softmax")(layers(embedding(ids))))
    embedding.set_weights([table(noise=0.2)])
    tf.saved_model.save(model, directory)
    r = np.random.default_rng(4)
    f = tf.saved_model.load(directory).signatures["serving_default"]
    answers(directory, {list(f.structured_input_signature[1])[0]: [
        " ".join(r.choice(WORDS, 9)) for _ in range(5)]})


def text_gru(d):
    texts(d, lambda e: keras.layers.Bidirectional(keras.layers.GRU(4))(e))


def text_attention(d):
    texts(d, lambda e: keras.layers.GlobalAveragePooling1D()(
        keras.layers.LayerNormalization()(keras.layers.MultiHeadAttention(2, 4)(e, e) + e)))


def text_convolution(d):
    texts(d, lambda e: keras.layers.GlobalMaxPooling1D()(keras.layers.Conv1D(6, 3, activation="relu")(e)))


def text_variable_length(d):
    texts(d, lambda e: keras.layers.LSTM(4)(e), length=None)


MODELS = {
    "text-gru": text_gru, "text-attention": text_attention, "text-convolution": text_convolution,
    "text-variable-length": text_variable_length,
    "convolution": convolution, "bidirectional-gru": bidirectional_gru, "attention": attention,
    "optimizer-slots": optimizer_slots, "half-keras": half_keras, "mixed-keras": mixed_keras,
    "half": half_module, "bfloat": bfloat_module, "sparse": sparse_module, "gather-nd": gather_nd, "tied": tied,
    "loop": loop, "two-tables": two_tables, "shared-function": shared_function, "mod": mod_module,
    "div-resource": partitioned("div", True), "mod-resource": partitioned("mod", True),
    "mod-reference": partitioned("mod", False), "v1-sparse": v1_sparse, "v1-loop": v1_loop, "v1-training-reference": v1_training(False),
    "v1-training-resource": v1_training(True), "frozen": frozen, "scaled": scaled, "tied-transposed": tied_transposed,
    "open-shape": open_shape, "small-table-beside": small_table_beside, "file-and-choice": file_and_choice,
    "text-sparse": text_sparse, "v1-text-loop": v1_text_loop, "two-graphs": two_graphs}

if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        directory = os.path.join(tempfile.mkdtemp(), name)
        MODELS[name](directory)
        target = os.path.join(HERE, name + ".zip")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
            for root, _, files in sorted(os.walk(directory)):
                for file in sorted(files):
                    path = os.path.join(root, file)
                    entry = zipfile.ZipInfo(os.path.relpath(path, directory), (2020, 1, 1, 0, 0, 0))
                    z.writestr(entry, open(path, "rb").read(), zipfile.ZIP_DEFLATED, 9)
        shutil.rmtree(os.path.dirname(directory))
        print(f"{name}: {os.path.getsize(target):,} bytes")
