"""Writes what the loss functions of TRL's CPO and ORPO trainers say of fixed log-probabilities.

    python bench/goldens/trl_losses.py core/src/test/resources/golden/trl_losses

The functions are called by themselves, in float64: no model, no data.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
import trl
from trl.experimental.cpo import CPOTrainer
from trl.experimental.orpo import ORPOTrainer

CHOSEN = [-12.5, -3.25, -40.0, -0.75]
REJECTED = [-14.0, -2.0, -8.5, -30.0]
LENGTHS_CHOSEN = [10, 4, 16, 3]
LENGTHS_REJECTED = [8, 5, 16, 12]

# name → (loss_type, whether log-probabilities are means over tokens, settings)
CASES = {
    "cpo": ("sigmoid", False, dict(beta=0.1)),
    "cpo_smoothed": ("sigmoid", False, dict(beta=0.1, label_smoothing=0.1)),
    "cpo_hinge": ("hinge", False, dict(beta=0.1)),
    "cpo_ipo": ("ipo", True, dict(beta=0.1)),
    "simpo": ("simpo", True, dict(beta=2.0, simpo_gamma=0.5)),
    "simpo_smoothed": ("simpo", True, dict(beta=2.0, simpo_gamma=1.0, label_smoothing=0.2)),
    "alphapo": ("simpo", True, dict(beta=2.0, simpo_gamma=0.5, alpha=0.25)),
    "alphapo_negative": ("simpo", True, dict(beta=2.5, simpo_gamma=0.3, alpha=-0.5)),
}


def main(folder):
    sums = torch.tensor([CHOSEN, REJECTED], dtype=torch.float64)
    means = sums / torch.tensor([LENGTHS_CHOSEN, LENGTHS_REJECTED], dtype=torch.float64)
    accelerator = SimpleNamespace(device="cpu")
    cases = {}
    for name, (loss_type, averaged, settings) in CASES.items():
        self = SimpleNamespace(
            loss_type=loss_type,
            accelerator=accelerator,
            **{**dict(label_smoothing=0.0, simpo_gamma=0.5, alpha=0.0), **settings},
        )
        chosen, rejected = ((means if averaged else sums)[i].clone().requires_grad_() for i in (0, 1))
        losses, chosen_rewards, rejected_rewards = CPOTrainer.cpo_loss(self, chosen, rejected)
        losses.sum().backward()
        cases[name] = dict(
            settings=settings,
            losses=losses.tolist(),
            chosen_rewards=chosen_rewards.tolist(),
            rejected_rewards=rejected_rewards.tolist(),
            chosen_gradient=chosen.grad.tolist(),
            rejected_gradient=rejected.grad.tolist(),
        )
    # TRL computes this one in float32.
    self = SimpleNamespace(beta=0.1, accelerator=accelerator)
    ratios, chosen_rewards, rejected_rewards, *_ = ORPOTrainer.odds_ratio_loss(self, means[0], means[1])
    cases["orpo"] = dict(
        settings=dict(beta=0.1),
        losses=(-ratios).tolist(),
        chosen_rewards=chosen_rewards.tolist(),
        rejected_rewards=rejected_rewards.tolist(),
    )
    golden = dict(
        source=f"TRL {trl.__version__}, torch {torch.__version__}",
        chosen=CHOSEN,
        rejected=REJECTED,
        lengths_chosen=LENGTHS_CHOSEN,
        lengths_rejected=LENGTHS_REJECTED,
        cases=cases,
    )
    Path(folder, "losses.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
