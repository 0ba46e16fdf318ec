"""``make coarse``: what training left, papers' shapes against layers really stored, the page."""

from __future__ import annotations

import json
from html import unescape

import numpy as np
import pytest
from rich.progress import Progress

from models.coarse import BlockIndex, Parts, local_codes, store, to_matrix
from models.formats.codebook import Codebook
from models.formats.rle import Rle
from models.networks import FOLDER, load_digits
from models.pruning import mask
from models.quantization import codebook
from scripts.coarse import cli, page, paper, plots, results, shapes, tables
from scripts.formats.claims import block_bits
from scripts.train import coarse as train
from scripts.train import coarse_study as study
from scripts.train.granularity import tiny_split
from scripts.train.trainer import SHAPES
from tests.meta.test_pictures import misleading

# ---------------------------------------------------------------- what make train left


@pytest.fixture(scope="module")
def data() -> dict:
    return study.read()


def test_the_tiny_study_comes_out_the_same(data):
    made = study.tiny(load_digits(), Progress(disable=True))
    assert json.loads(json.dumps(made)) == data["check"]


def test_committed_results_are_whole(data):
    keys = [(o["network"], o["seed"], o["way"], o["factor"]) for o in data["points"]]
    assert len(set(keys)) == len(keys)
    for one in data["points"] + data["stored"]:
        assert abs(one["accuracy"] * 2000 - round(one["accuracy"] * 2000)) < 1e-6
    for network, plan in train.PLANS.items():
        for seed in train.SEEDS:
            mine = {key[2:] for key in keys if key[:2] == (network, seed)}
            assert (train.DENSE, 0) in mine
            for factor in plan.fine:
                assert ("fine", factor) in mine
            for way in set(plan.ways) - {"fine"}:
                assert (way, plan.blocks[0]) in mine


def test_stored_points_are_those_that_the_rule_chooses(data):
    seen = {(o["network"], o["way"], o["seed"]): o["factor"] for o in data["stored"]}
    for network, plan in train.PLANS.items():
        points = [one for one in data["points"] if one["network"] == network]
        for way in plan.ways:
            factor = study.chosen(points, way)
            found = {seen.get((network, way, seed)) for seed in train.SEEDS}
            assert found == {factor}


def test_the_rule_takes_the_sparsest_point_that_is_equal():
    def point(way, factor, value, seed=1):
        return {"way": way, "factor": factor, "accuracy": value, "seed": seed}

    points = [
        point(train.DENSE, 0, 0.98),
        point(train.DENSE, 0, 0.99, 2),
        point("fine", 4, 0.979),
        point("fine", 4, 0.979, 2),
        point("fine", 2, 0.96),
        point("fine", 2, 0.99, 2),
        point("fine", 1, 0.96),
        point("fine", 1, 0.979, 2),
        point("fine", 0.5, 0.99),
    ]
    assert study.chosen(points, "fine") == 2, "means count, of factors that both seeds reached"
    assert study.chosen(points, "average") is None


def test_bits_of_the_index_and_the_codes_are_what_the_networks_give(data):
    for one in data["stored"]:
        for (name, side, inputs, outputs, *_), (layer, bits) in zip(
            SHAPES[one["network"]], one["bits"].items(), strict=True
        ):
            assert name == layer and bits["weights"] == inputs * outputs * max(side, 1) ** 2
            width = 8 if side else 4
            assert bits["raw"]["codes"] == one["kept"][name] * width
            assert bits["raw"]["tables"] == 0
            if one["way"] in ("average", "maximum"):
                last = name == SHAPES[one["network"]][-1][0]
                block = (16, 1) if side else ((16, 16) if last else (32, 32))
                shape = (outputs, inputs, max(side, 1), max(side, 1))
                assert bits["raw"]["index"] == block_bits(shape, block) or not side
                grid = BlockIndex.grid(shape, block)
                assert bits["raw"]["index"] == bits["huffman"]["index"] == int(np.prod(grid))


def test_damaged_results_are_refused(tmp_path):
    whole = (FOLDER / study.RESULTS).read_text()
    (tmp_path / study.RESULTS).write_text(whole.replace('"stored"', '"stares"'))
    with pytest.raises(ValueError, match="need what make train wrote"):
        study.read(tmp_path)
    with pytest.raises(FileNotFoundError):
        study.read(tmp_path / "nowhere")


def test_a_state_makes_a_layer_what_it_was():
    trainer = train.new_trainer("lenet_300_100", 1, tiny_split(load_digits()),
                                Progress(disable=True))  # fmt: skip
    layer = trainer.layers[2]
    kept = train.kept_weights(layer, True, "average", 0.5)
    layer.mask = kept[:, :, 0, 0].T.astype(float)
    layer.weight = layer.weight * layer.mask
    state, weight = train.State.of(layer), layer.weight.copy()
    layer.weight, layer.mask = np.ones_like(weight), np.ones_like(weight)
    state.put(layer)
    assert np.array_equal(layer.weight, weight) and np.array_equal(layer.mask > 0, state.mask)


def test_weights_decay_in_dense_training_alone():
    plan = train.Plan((1,), (1,), 1, 0.5, 1, 0.0)
    trainer = train.new_trainer("lenet_300_100", 1, tiny_split(load_digits()),
                                Progress(disable=True), plan)  # fmt: skip
    border = trainer.layers[0].weight[0].copy()  # the first pixel is never anything but zero
    trainer.dense(plan)
    shares = np.prod([1 - 0.5 * (1 - at / trainer.epoch) for at in range(trainer.epoch)])
    assert np.allclose(trainer.layers[0].weight[0], shares * border, rtol=1e-12)
    after = trainer.layers[0].weight[0].copy()
    trainer.run("fine-tuning", 2, 1e-3)
    assert np.array_equal(trainer.layers[0].weight[0], after)


def test_blocks_are_pruned_whole_and_the_index_names_them():
    layers = train.new_trainer("lenet_5", 1, tiny_split(load_digits()),
                               Progress(disable=True)).layers  # fmt: skip
    for way in set(train.WAYS) - {"fine"}:
        for layer in layers:
            last = layer is layers[-1]
            kept = train.kept_weights(layer, last, way, 0.5)
            BlockIndex.from_mask(kept, train.block_of(layer, last, way))  # raises on a part
    with pytest.raises(ValueError, match="way: found 'fine', which has no blocks"):
        train.block_of(layers[0], False, "fine")


# ---------------------------------------------------------------- sizes


def test_fine_sizes_are_those_of_the_formats():
    draw = np.random.default_rng(1)
    weights = draw.normal(size=(60, 50))
    codes, book = codebook(np.where(mask(weights, 0.08), weights, 0), 4)
    books = np.rint(1000 * book).astype(np.int64)[None, :]
    found = study.fine_sizes(codes, books, 4)
    fmt = Rle(4, 4)
    size = fmt.size(fmt.encode(codes))
    raw = found["raw"]
    assert raw.codes == size.values and raw.index == size.indices + size.padding
    assert raw.books == 4 + 15 * 16
    outer = Codebook(16, fmt)
    whole = outer.size(outer.encode(books[0][codes]))
    assert raw.total == whole.total + 4 - 16, "our codebook says its length, and not entry 0"
    assert found["huffman"].index < raw.index and found["huffman"].tables > 0


@pytest.mark.parametrize("bits", [4, 8])
def test_a_drawn_layer_has_the_bits_that_the_shape_says(bits):
    """The arithmetic over shapes against a layer that is really pruned, coded and stored."""
    fc = bits == 4
    one = shapes.Shape((512, 256, 1, 1) if fc else (128, 64, 3, 3), 0.25,
                       (32, 32) if fc else (16, 1), bits)  # fmt: skip
    draw = np.random.default_rng(5)
    weights = draw.normal(size=one.shape)
    kept = mask(draw.normal(size=one.shape), one.density, "block", block=one.block)
    regions = study.REGIONS[bits]
    codes, books = local_codes(to_matrix(np.where(kept, weights, 0)), bits, regions)
    layer = store(BlockIndex.from_mask(kept, one.block), codes,
                  np.rint(4000 * books).astype(np.int64), regions, bits)  # fmt: skip
    for huffman in (False, True):
        found, said = layer.parts(huffman), shapes.block_parts(one, 1.0, "normal", huffman)
        assert (found.index, found.books) == (said.index, said.books)
        assert found.codes == pytest.approx(said.codes, rel=0.02)
        assert found.tables == said.tables
    fine = np.where(mask(weights, one.density), weights, 0.0)
    fine_codes, book = codebook(fine, bits)
    flat = fine_codes.reshape(len(fine_codes), -1)
    sizes = study.fine_sizes(flat, np.rint(4000 * book).astype(np.int64)[None, :], bits)
    for name, huffman in (("raw", False), ("huffman", True)):
        said = shapes.fine_parts(one, 1.0, "normal", huffman)
        assert sizes[name].total == pytest.approx(said.total, rel=0.02)
        assert sizes[name].index == pytest.approx(said.index, rel=0.03)
        assert sizes[name].books == said.books


def test_the_shapes_are_those_of_the_networks():
    millions = {"alexnet": 60.95, "vgg16": 138.34}  # without biases
    for network, total in millions.items():
        weights = shapes.dense_bits(network) / shapes.DENSE / 1e6
        assert weights == pytest.approx(total, abs=0.01)
        index = shapes.network_parts(network, "blocks").index
        assert index / 8 / 1024 == pytest.approx(
            {"alexnet": 26.26, "vgg16": 128.45}[network], abs=0.05
        )


@pytest.mark.parametrize("network", shapes.NETWORKS)
def test_the_factor_gives_the_papers_ratio(network):
    ratio = paper.BLOCKS[network]
    factor = shapes.factor_for(network, ratio)
    whole = shapes.dense_bits(network)
    assert whole / shapes.network_parts(network, "blocks", factor).total == pytest.approx(
        ratio, rel=2e-3
    )
    assert 0.5 < factor < 1, "at the densities of Deep Compression the ratio is below the paper's"


# ---------------------------------------------------------------- putting together, page, command


def test_huffman_is_taken_layer_by_layer_where_it_is_shorter():
    small = {"raw": {"index": 1, "codes": 10, "books": 2, "tables": 0},
             "huffman": {"index": 1, "codes": 6, "books": 2, "tables": 9}}  # fmt: skip
    large = {"raw": {"index": 1, "codes": 100, "books": 2, "tables": 0},
             "huffman": {"index": 1, "codes": 60, "books": 2, "tables": 9}}  # fmt: skip
    record = {"bits": {"a": {"weights": 5, **small}, "b": {"weights": 5, **large}}}
    assert results.parts_of(record) == Parts(2, 70, 4, 9)
    assert results.parts_of(record, huffman=False) == Parts(2, 110, 4, 0)


def test_a_way_is_compared_seed_by_seed(data):
    for one in results.criteria(data):
        gaps = [one["average"]["values"][s] - one["maximum"]["values"][s] for s in train.SEEDS]
        assert one["gap"] == pytest.approx(np.mean(gaps))


def test_the_whole_command(tmp_path, capsys, monkeypatch):
    committed = json.loads(cli.DOCS.read_text())
    monkeypatch.setattr(cli, "DOCS", tmp_path / "docs.json")
    assert cli.main(["--out", str(tmp_path), "--docs"]) == cli.OK
    today = json.loads((tmp_path / "docs.json").read_text())
    assert {name: len(some) for name, some in committed.items()} == {"shapes": 8, "index": 2}
    for name, some in committed.items():
        for one, other in zip(some, today[name], strict=True):
            numbers = {key for key, value in other.items() if not isinstance(value, str)}
            assert {key: one[key] for key in other if key not in numbers} == {
                key: other[key] for key in other if key not in numbers
            }
            for key in numbers:
                assert one[key] == pytest.approx(other[key], rel=1e-6)
    said = " ".join(capsys.readouterr().out.split())
    made = json.loads((tmp_path / "coarse.json").read_text())
    html = (tmp_path / page.PAGE).read_text()
    assert html.count("<h2>") == 6 + len(train.PLANS), "a section for each table"
    for table in tables.all_tables(made["trained"], made["shapes"]):
        assert table.title in unescape(html) and " ".join(table.title.split()[:3]) in said
        assert all(len(row) == len(table.head) for row in table.rows) and table.rows
    assert html.count("<svg") == 4 and html.count("<img") == 1
    assert (tmp_path / "coarse.png").is_file()
    assert page.main([str(tmp_path)]) == 0
    assert (tmp_path / page.PAGE).read_text() == html
    trained = made["trained"]
    figures = [plots.accuracy(trained), plots.gathering(trained), plots.storage(trained),
               plots.maps(trained), plots.papers(made["shapes"])]  # fmt: skip
    assert [misleading(one) for one in figures] == [[]] * 5


def test_a_map_by_chance_has_as_many_marks(data):
    record = data["maps"][0]
    dealt = plots.shuffled_counts(record, data["cell"])
    assert dealt.shape == np.array(record["counts"]).shape
    assert dealt.sum() == np.sum(record["counts"]) and not np.array_equal(dealt, record["counts"])


def test_missing_results_are_said_plainly(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cli, "read", lambda: study.read(tmp_path))
    assert cli.main(["--out", str(tmp_path)]) == cli.BAD_INPUT
    assert "coarse.json" in capsys.readouterr().err
