"""What goes into a training cost, a cost per request and a number of requests?"""

from roi_xl.quantities.quantity import SHARE, Between, Kind, Quantity
from roi_xl.quantities.units import (
    COUNT,
    CURRENCY,
    CURRENCY_OR_HOURS,
    CURRENCY_PER_HOUR,
    CURRENCY_PER_MILLION_TOKENS,
    CURRENCY_PER_REQUEST,
    DATE,
    DAYS,
    FRACTION,
    REQUESTS_PER_DAY,
    TOKENS,
    TOKENS_IN_ALL,
    USERS,
    WORDS,
)

PROVIDER_CHARGES = Quantity(
    "provider_charges",
    "Provider charges",
    CURRENCY,
    "What the provider and other vendors charge for training.",
)
DATA_PREPARATION = Quantity(
    "data_preparation",
    "Data preparation",
    CURRENCY_OR_HOURS,
    "Collecting, cleaning and formatting the training data.",
)
LABELLING = Quantity("labeling", "Labeling", CURRENCY_OR_HOURS, "Writing or reviewing the target answers.")
EVALUATION = Quantity(
    "evaluation",
    "Evaluation",
    CURRENCY_OR_HOURS,
    "Building and running the tests that decide whether the model is good enough.",
)
ENGINEERING = Quantity(
    "engineering",
    "Engineering",
    CURRENCY_OR_HOURS,
    "Running the training and integrating the model into the product.",
)
DEPLOYMENT = Quantity(
    "deployment",
    "Deployment",
    CURRENCY_OR_HOURS,
    "Rolling the model out: serving, monitoring, fallbacks.",
)
HOURLY_RATE = Quantity(
    "hourly_rate",
    "Hourly rate",
    CURRENCY_PER_HOUR,
    "Cost of one hour of work; if left out, the five work items are amounts of money.",
)

TRAINING_TOKENS = Quantity(
    "training_tokens", "Training tokens", TOKENS_IN_ALL, "Tokens of the training file, each counted once."
)
EPOCHS = Quantity("epochs", "Epochs", COUNT, "Number of passes over the training file.")
TRAINING_PRICE = Quantity(
    "training_price",
    "Training price",
    CURRENCY_PER_MILLION_TOKENS,
    "Provider's price per million training tokens.",
)

INPUT_TOKENS = Quantity("input_tokens", "Input tokens", TOKENS, "Tokens sent to the model in one attempt.")
OUTPUT_TOKENS = Quantity("output_tokens", "Output tokens", TOKENS, "Tokens the model writes in one attempt.")
INPUT_PRICE = Quantity("input_price", "Input price", CURRENCY_PER_MILLION_TOKENS, "Price per million input tokens.")
OUTPUT_PRICE = Quantity("output_price", "Output price", CURRENCY_PER_MILLION_TOKENS, "Price per million output tokens.")
CACHED_SHARE = Quantity("cached_share", "Cached share", FRACTION, "Share of input tokens read from a cache.", SHARE)
CACHED_PRICE = Quantity(
    "cached_price",
    "Cached price",
    CURRENCY_PER_MILLION_TOKENS,
    "Price per million cached input tokens; the input price if left out.",
)
RETRY_RATE = Quantity(
    "retry_rate",
    "Retry rate",
    FRACTION,
    "Share of attempts that fail, are billed, and are retried.",
    Between(0, below=1),
)
FALLBACK_RATE = Quantity(
    "fallback_rate",
    "Fallback rate",
    FRACTION,
    "Share of requests ultimately answered by another model.",
    SHARE,
)
FALLBACK_COST = Quantity(
    "fallback_cost", "Fallback cost", CURRENCY_PER_REQUEST, "Cost of one request to the fallback model."
)
SERVING_PREMIUM = Quantity(
    "serving_premium",
    "Serving premium",
    FRACTION,
    "Surcharge on the model's own cost, such as reserved capacity: 0.1 is 10% more.",
)
BATCH_SHARE = Quantity(
    "batch_share", "Share in batches", FRACTION, "Share of requests that can wait for a batch.", SHARE
)
BATCH_DISCOUNT = Quantity(
    "batch_discount", "Batch discount", FRACTION, "Discount on batch requests: 0.5 is half price.", SHARE
)
ACTIVE_USERS = Quantity("active_users", "Active users", USERS, "Users who send requests.")
REQUESTS_PER_USER_PER_DAY = Quantity(
    "requests_per_user_per_day",
    "Requests per user per day",
    REQUESTS_PER_DAY,
    "Requests that one active user sends on a day of use.",
)
DAYS_PER_MONTH = Quantity(
    "days", "Days of use", DAYS, "Days of use in a month: 30, or about 20 for working days.", Between(0, 31)
)

MODEL = Quantity(
    "model",
    "Model",
    WORDS,
    "A model's name as its provider writes it, such as gpt-4o-mini.",
    kind=Kind.TEXT,
)
PRICE_KIND = Quantity(
    "kind",
    "Kind of price",
    WORDS,
    "input, output, cached (input from the cache), training, training_hour or hosting.",
    kind=Kind.TEXT,
)
PRICE_DATE = Quantity(
    "price_date", "Date", DATE, "The day on which the price holds; the newest price if left out.", Between(1, 2_958_465)
)
MODEL_PRICE = Quantity(
    "model_price", "Price of a model", CURRENCY_PER_MILLION_TOKENS, "What a model costs, by a dated public source."
)
