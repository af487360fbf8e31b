"""The demo city 云川新区 (演示城市): made by the product's own acts, dates relative to today."""
