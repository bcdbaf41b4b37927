"""aebook.sparse: the k largest numbers and no others; one set of weights for both ways; a price not dodged."""

import pytest
import torch
from torch import nn

from aebook import checkpoints
from aebook.sparse import SparseAutoencoder, TiedAutoencoder, TopK, Transposed, sparse_loss
from aebook.training import fit


@pytest.mark.parametrize("seed", range(20))
def test_the_k_largest_of_each_row_stay_and_the_others_are_0(seed):
    torch.manual_seed(seed)
    numbers = int(torch.randint(1, 40, ()))
    k, rows = int(torch.randint(1, numbers + 1, ())), torch.randn(7, numbers)
    kept = TopK(k)(rows)
    for row, left in zip(rows, kept, strict=True):
        smallest = row.sort(descending=True).values[k - 1]
        assert torch.equal(left, torch.where(row >= smallest, row, 0))


def test_gradients_flow_through_those_that_stay_and_through_no_other():
    rows = torch.tensor([[1.0, 3.0, 2.0]], requires_grad=True)
    TopK(2)(rows).sum().backward()
    assert rows.grad.tolist() == [[0, 1, 1]]


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 8, 5)])
def test_a_code_has_at_most_k_numbers_above_0_and_none_below(shape):
    torch.manual_seed(0)
    model = SparseAutoencoder(units=50, k=4, image_shape=shape)
    codes = model.encode(torch.rand(6, *shape))
    assert codes.shape == (6, 50) and codes.min() == 0 and (codes > 0).sum(1).max() <= 4
    assert model(torch.rand(6, *shape)).shape == (6, *shape)


def test_at_the_start_each_unit_looks_for_what_it_draws():
    model = SparseAutoencoder(units=30, k=3)
    looks, draws = model.encoder[1].weight, model.decoder[0].weight
    assert torch.equal(looks, draws.T) and torch.allclose(looks.norm(dim=1), torch.ones(30))
    assert looks.data_ptr() != draws.data_ptr()  # and learns each for itself


def test_a_tied_decoder_is_its_encoder_transposed_before_and_after_training():
    torch.manual_seed(0)
    model, images = TiedAutoencoder(5, image_shape=(1, 6, 6)), torch.rand(64, 1, 6, 6)
    before = model.encoder[1].weight.detach().clone()
    fit(model, images, epochs=2, learning_rate=1e-2, batch_size=16, seed=0, progress=False)
    weight = model.encoder[1].weight
    assert not torch.equal(weight, before)
    codes = model.encode(images)
    assert torch.allclose(model.decode(codes).flatten(1), codes @ weight + model.decoder[0].bias, atol=1e-6)
    assert sum(parameter.numel() for parameter in model.parameters()) == 5 * 36 + 5 + 36


def test_a_tied_model_is_stored_and_restored_and_stays_tied(tmp_path):
    torch.manual_seed(0)
    model, other = TiedAutoencoder(5), TiedAutoencoder(5)
    checkpoints.save(tmp_path / "tied.safetensors", checkpoints.model_tensors(model), {})
    checkpoints.restore(other, tmp_path / "tied.safetensors")
    assert torch.equal(other.encoder[1].weight, model.encoder[1].weight)
    assert other.encoder[1].weight is other.decoder[0].weight


@pytest.mark.parametrize("seed", range(5))
def test_the_price_is_not_dodged_by_smaller_numbers_and_larger_pictures(seed):
    torch.manual_seed(seed)
    model, images = SparseAutoencoder(40, None), torch.rand(8, 1, 28, 28)
    loss = sparse_loss(0.1)
    before = loss(model, images, images)
    with torch.no_grad():
        model.encoder[1].weight /= 4
        model.encoder[1].bias /= 4
        model.decoder[0].weight *= 4
    assert torch.allclose(loss(model, images, images), before, rtol=1e-4)


def test_the_price_is_the_sum_over_the_code_of_number_times_length():
    torch.manual_seed(0)
    model, images = SparseAutoencoder(3, None, image_shape=(1, 2, 2)), torch.rand(5, 1, 2, 2)
    codes, pictures = model.encode(images), model.decoder[0].weight
    by_hand = sum(
        codes[image, unit].item() * sum(value.item() ** 2 for value in pictures[:, unit]) ** 0.5
        for image in range(5)
        for unit in range(3)
    )
    error = (model(images) - images).square().mean().item()
    assert sparse_loss(0.5)(model, images, images).item() == pytest.approx(error + 0.5 * by_hand / 5, rel=1e-5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SparseAutoencoder(10, 11), "k must be from 1 to 10, the units, and is 11"),
        (lambda: SparseAutoencoder(0), "units must be"),
        (lambda: SparseAutoencoder(10, 0), "k must be"),
        (lambda: TopK(3)(torch.zeros(2, 2)), "k must be from 1 to 2, the numbers in a row, and is 3"),
        (lambda: TopK(0), "k must be"),
        (lambda: sparse_loss(-1), "weight must be a finite number of at least 0, and is -1"),
        (lambda: sparse_loss(float("nan")), "weight must be a finite number of at least 0, and is nan"),
        (lambda: TiedAutoencoder(0), "code_size must be"),
    ],
)
def test_other_arguments_are_refused_in_one_sentence(make, words):
    with pytest.raises(ValueError) as refusal:
        make()
    assert str(refusal.value).startswith(words) and "\n" not in str(refusal.value)


def test_only_a_linear_layer_is_run_the_other_way():
    with pytest.raises(TypeError, match=r"^layer must be an nn\.Linear, and is Conv2d"):
        Transposed(nn.Conv2d(1, 1, 3))
