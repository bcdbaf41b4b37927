"""The words in the pictures of the book, by language."""

WORDS = {
    "en": {
        "input": "input",
        "reconstruction": "reconstruction",
        "error": "error",
        "epoch": "epoch",
        "mean squared error": "mean squared error",
        "training set": "training set",
        "test set": "test set",
        "trained": "trained models",
        "best linear": "best linear autoencoder (PCA)",
        "code size": "numbers in the code",
        "labels": "labelled images",
        "right": "share of digits named right",
        "bits": "bits in the code",
    },
    "ko": {
        "input": "입력",
        "reconstruction": "복원 이미지",
        "error": "오차",
        "epoch": "에폭",
        "mean squared error": "평균제곱오차",
        "training set": "학습 세트",
        "test set": "테스트 세트",
        "trained": "학습한 모델",
        "best linear": "가장 좋은 선형 오토인코더(PCA)",
        "code size": "잠재 코드의 값 개수",
        "labels": "레이블이 있는 이미지 수",
        "right": "숫자를 맞힌 비율",
        "bits": "잠재 코드의 비트 수",
    },
}
