"""aebook.variational: both terms against a hand computation, the estimate against what can be computed exactly."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, MultivariateNormal, Normal
from torch.distributions import kl_divergence as torchs_divergence

from aebook import checkpoints, nets
from aebook.models import StackedAutoencoder
from aebook.training import evaluate, fit
from aebook.variational import (
    NegativeBound,
    VariationalAutoencoder,
    importance_weighted,
    kl_divergence,
    log_likelihood,
    pixel_cross_entropy,
    reparametrized,
)

SMALL = ((16, 6, 3), nn.ELU, (1, 4, 4))


def small(*sizes, seed=0):
    torch.manual_seed(seed)
    return VariationalAutoencoder(sizes or SMALL[0], nn.ELU, (1, 4, 4))


def black_and_white(count, seed=0):
    return torch.bernoulli(torch.full((count, 1, 4, 4), 0.4), generator=torch.Generator().manual_seed(seed))


# The model


@pytest.mark.parametrize("batch", [0, 1, 7])
def test_it_is_an_autoencoder_whose_code_is_the_mean(batch):
    model, images = VariationalAutoencoder(), torch.rand(batch, 1, 28, 28)
    means, log_variances = model.posterior(images)
    assert means.shape == log_variances.shape == (batch, 20)
    assert torch.equal(model.encode(images), means)
    assert torch.equal(model(images), model.decode(means))
    torch.testing.assert_close(model.logits(means).sigmoid().view_as(images), model(images))


def test_it_has_one_layer_more_than_the_plain_autoencoder_of_its_sizes():
    plain, variational = StackedAutoencoder(*SMALL).state_dict(), small().state_dict()
    assert variational.keys() - plain.keys() == {"log_variances.weight", "log_variances.bias"}
    assert all(variational[name].shape == tensor.shape for name, tensor in plain.items())


def test_its_halves_travel_to_pages_like_those_of_any_autoencoder():
    model, images = small(), torch.rand(5, 1, 4, 4)
    encoder, decoder = (nets.unpacked(nets.packed(half, "float32")) for half in (model.encoder, model.decoder))
    torch.testing.assert_close(decoder(encoder(images)), model(images))


def test_images_and_codes_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"^images must have the shape \(B, 1, 4, 4\), and have \(2, 16\)"):
        small().posterior(torch.rand(2, 16))
    with pytest.raises(ValueError, match=r"^codes must have the shape \(B, 3\), and have \(2, 4\)"):
        small().logits(torch.rand(2, 4))


# The two terms


def test_the_divergence_is_the_one_of_torch_distributions():
    means, log_variances = 2 * torch.randn(200, 5), 3 * torch.randn(200, 5)
    exact = torchs_divergence(Normal(means, (log_variances / 2).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(kl_divergence(means, log_variances), exact, rtol=1e-4, atol=1e-5)


def test_the_divergence_has_the_gradients_of_a_hand_computation():
    means, log_variances = (torch.randn(50, 4, requires_grad=True) for _ in range(2))
    kl_divergence(means, log_variances).sum().backward()
    torch.testing.assert_close(means.grad, means.detach())
    torch.testing.assert_close(log_variances.grad, (log_variances.detach().exp() - 1) / 2)


def test_the_cross_entropy_of_black_and_white_pixels_is_minus_their_log_probability():
    logits, images = 5 * torch.randn(30, 16), black_and_white(30)
    exact = -Bernoulli(logits=logits).log_prob(images.flatten(1)).sum(dim=1)
    torch.testing.assert_close(pixel_cross_entropy(logits, images), exact)


def test_the_cross_entropy_has_the_gradient_of_a_hand_computation_also_where_a_sigmoid_is_1():
    logits = (30 * torch.randn(30, 16)).requires_grad_()
    images = torch.rand(30, 1, 4, 4)
    pixel_cross_entropy(logits, images).sum().backward()
    torch.testing.assert_close(logits.grad, logits.detach().sigmoid() - images.flatten(1))


def test_codes_by_chance_have_the_mean_and_the_spread_that_are_given():
    torch.manual_seed(0)
    means, log_variances = torch.tensor([[-3.0, 0.0, 2.0]]), torch.tensor([[-4.0, 0.0, 1.0]])
    codes = reparametrized(means.expand(40_000, 3), log_variances.expand(40_000, 3))
    torch.testing.assert_close(codes.mean(dim=0), means[0], atol=0.03, rtol=0)
    torch.testing.assert_close(codes.std(dim=0), (log_variances[0] / 2).exp(), rtol=0.02, atol=0)


@pytest.mark.parametrize("beta", [0, 0.5, 1, 4])
def test_the_loss_has_the_value_and_the_gradients_of_a_hand_computation(beta):
    model, images = small(16, 3), torch.rand(9, 1, 4, 4)
    torch.manual_seed(7)
    value = NegativeBound(beta)(model, images, images)
    value.backward()
    torch.manual_seed(7)
    with torch.no_grad():
        means, log_variances = model.posterior(images)
        spread, noise = (log_variances / 2).exp(), torch.randn(9, 3)
        drawn = model.decode(means + spread * noise).flatten(1)
        wrong = drawn - images.flatten(1)  # the gradient of the logits
        of_code = wrong @ model.decoder[0].weight
        of_means = of_code + beta * means
        of_log_variances = of_code * noise * spread / 2 + beta * (spread**2 - 1) / 2
        pixels = nn.functional.binary_cross_entropy(drawn, images.flatten(1), reduction="sum") / 9
        cost = (means**2 + spread**2 - log_variances - 1).sum() / 2 / 9
    torch.testing.assert_close(value, pixels + beta * cost)
    torch.testing.assert_close(model.decoder[0].bias.grad, wrong.mean(dim=0))
    torch.testing.assert_close(model.encoder[-1].bias.grad, of_means.mean(dim=0))
    torch.testing.assert_close(model.log_variances.bias.grad, of_log_variances.mean(dim=0))
    torch.testing.assert_close(model.log_variances.weight.grad, of_log_variances.T @ images.flatten(1) / 9)


def test_binarized_images_are_black_and_white_anew_each_time_and_seen_as_they_are_wanted():
    class Spy(VariationalAutoencoder):
        def posterior(self, images):
            self.seen = images
            return super().posterior(images)

    model, grey = Spy(*SMALL), torch.full((400, 1, 4, 4), 0.25)
    seen = []
    for _ in range(2):
        torch.manual_seed(len(seen))
        value = NegativeBound(0, binarize=True)(model, grey, grey)
        seen.append(model.seen)
        torch.manual_seed(len(seen) - 1)
        again = torch.bernoulli(grey)
        code = reparametrized(*model.posterior(again))
        torch.testing.assert_close(value, pixel_cross_entropy(model.logits(code), again).mean())
    assert set(seen[0].unique().tolist()) == {0.0, 1.0} and not torch.equal(*seen)
    assert seen[0].mean().item() == pytest.approx(0.25, abs=0.02)


# In training


def test_fit_trains_it_and_a_large_beta_leaves_its_code_empty():
    images, cost, error = black_and_white(512), {}, {}
    for beta in (0.05, 30):
        model = small()
        before = evaluate(model, images, loss=NegativeBound(beta))
        fit(model, images, epochs=30, learning_rate=1e-2, seed=0, loss=NegativeBound(beta), progress=False)
        assert evaluate(model, images, loss=NegativeBound(beta)) < 0.9 * before
        cost[beta] = kl_divergence(*model.posterior(images)).mean().item()
        error[beta] = evaluate(model, images)
    assert cost[30] < 0.01 < 0.5 < cost[0.05] and error[0.05] < 0.9 * error[30]


def test_a_checkpoint_is_not_gone_on_from_with_another_beta(tmp_path):
    images, settings = black_and_white(64), {"learning_rate": 1e-2, "seed": 0, "progress": False}
    settings |= {"checkpoint": tmp_path / "run.safetensors"}
    fit(small(), images, epochs=1, loss=NegativeBound(1), **settings)
    with pytest.raises(checkpoints.CheckpointError, match=r"NegativeBound\(1.0"):
        fit(small(), images, epochs=2, loss=NegativeBound(4), resume=True, **settings)
    fit(small(), images, epochs=2, loss=NegativeBound(1), resume=True, **settings)


@pytest.mark.parametrize("beta", [-1, math.inf, math.nan])
def test_a_beta_below_0_or_infinite_is_refused(beta):
    with pytest.raises(ValueError, match=r"^beta must be at least 0, and is "):
        NegativeBound(beta)


def test_corrupt_beside_binarize_is_refused():
    loss = NegativeBound(binarize=True)
    with pytest.raises(ValueError, match="there can be no corrupt beside it"):
        evaluate(small(), black_and_white(4), loss=loss, corrupt=lambda images: images.clone())


# The likelihood


def linear_gaussian(seed, spread=0.7):
    """The model x = W z + b + spread · noise, which has a Gaussian p(x): five points, p(x|z), q(z|x), p(x)."""
    torch.manual_seed(seed)
    weight, bias = torch.randn(4, 2), torch.randn(4)
    marginal = MultivariateNormal(bias, weight @ weight.T + spread**2 * torch.eye(4))
    points = marginal.sample((5,))
    precision = torch.eye(2) + weight.T @ weight / spread**2
    means = (points - bias) @ weight @ torch.linalg.inv(precision) / spread**2

    def given(codes):
        return Normal(codes @ weight.T + bias, spread).log_prob(points).sum(dim=1)

    return given, means, (-precision.diagonal().log()).expand(5, 2), marginal.log_prob(points)


@pytest.mark.parametrize("seed", range(4))
def test_the_estimate_comes_to_the_exact_likelihood_of_a_linear_gaussian_model(seed):
    given, means, log_variances, exact = linear_gaussian(seed)
    wrong = [
        (importance_weighted(given, means, log_variances + 0.5, samples) - exact).abs().max().item()
        for samples in (10, 6_000)
    ]
    assert wrong[1] < 0.08 and wrong[1] < wrong[0]


@pytest.mark.parametrize("seed", range(4))
def test_on_average_the_estimate_is_too_small_and_grows_with_the_samples(seed):
    given, means, log_variances, exact = linear_gaussian(seed)
    averages = []
    for samples in (1, 4, 32):
        runs = [importance_weighted(given, means + 0.3, log_variances, samples) for _ in range(2000 // samples)]
        averages.append(torch.stack(runs).mean().item())
    assert averages == sorted(averages) and averages[-1] < exact.mean().item() + 0.02


def test_with_one_sample_it_is_the_bound_and_never_wrong_where_the_code_is_drawn_from_its_own_posterior():
    given, means, log_variances, _ = linear_gaussian(0)
    torch.manual_seed(3)
    estimate = importance_weighted(given, means, log_variances, 1)
    torch.manual_seed(3)
    codes = reparametrized(means, log_variances)
    posterior = Normal(means, (log_variances / 2).exp()).log_prob(codes).sum(dim=1)
    prior = Normal(0.0, 1.0).log_prob(codes).sum(dim=1)
    torch.testing.assert_close(estimate, given(codes) + prior - posterior)

    points = torch.linspace(-2, 2, 9)[:, None]  # x = z + noise: p(z|x) is N(x/2, 1/2), p(x) is N(0, 2)
    estimate = importance_weighted(
        lambda codes: Normal(codes, 1.0).log_prob(points).sum(dim=1),
        points / 2,
        torch.full((9, 1), -math.log(2)),
        1,
    )
    torch.testing.assert_close(estimate, Normal(0.0, math.sqrt(2)).log_prob(points).sum(dim=1))


@pytest.mark.parametrize("seed", range(3))
def test_the_likelihood_of_a_code_of_one_number_is_the_integral_over_all_codes(seed):
    model, images = small(16, 6, 1, seed=seed), black_and_white(12, seed)
    with torch.no_grad():
        model.decoder[-3].weight.mul_(4)  # a code that matters
        codes = torch.linspace(-8, 8, 4001)[:, None]
        odds = Bernoulli(logits=model.logits(codes)[:, None]).log_prob(images.flatten(1)).sum(dim=2)
        exact = torch.logsumexp(odds + Normal(0.0, 1.0).log_prob(codes), dim=0) + math.log(16 / 4000)
    wrong = [(log_likelihood(model, images, samples) - exact).abs() for samples in (1, 5_000)]
    assert wrong[1].max() < 0.2 and wrong[1].mean() < 0.05 < 0.2 < wrong[0].mean()


def test_the_probabilities_of_all_black_and_white_images_of_four_pixels_make_1():
    torch.manual_seed(0)
    model = VariationalAutoencoder((4, 8, 2), nn.ELU, (1, 2, 2))
    images = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 4).view(16, 1, 2, 2)
    assert log_likelihood(model, images, 4000).exp().sum().item() == pytest.approx(1, abs=0.01)


def test_grey_images_and_no_samples_are_refused():
    with pytest.raises(ValueError, match=r"^images must be black and white, .*; try torch.bernoulli\(images\)$"):
        log_likelihood(small(), torch.full((1, 1, 4, 4), 0.5), 1)
    with pytest.raises(ValueError, match=r"^samples must be above 0, and is 0"):
        log_likelihood(small(), black_and_white(1), 0)
