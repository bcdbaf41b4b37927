/* Codes가 한국어로 하는 말. */

export default {
  title: "잠재 코드의 값을 움직이면 디코더가 다시 그립니다",
  models: { linear: "선형", stacked: "적층", convolutional: "합성곱" },
  drawn: (name) => `${name} 모델의 디코더가 그린 그림`,
  apart: (name) => `${name} 모델: 처음과의 차이. 잉크가 늘어난 곳은 파란색, 줄어든 곳은 주황색`,
  sentence: "모델마다 자기 값 20개만으로 숫자를 그립니다. 모델을 고르고 그 값을 움직여 보세요.",
  drawer: "처음에 놓을 테스트 숫자",
  testDigit: (digit) => `테스트 숫자 ${digit}`,
  to: "옮겨 갈 숫자",
  part: "지금까지 온 거리",
  play: "재생",
  pause: "멈춤",
  sources: { normal: "무작위 잠재 코드: N(0, 1)", codes: "무작위 잠재 코드: 실제 분포" },
  difference: "처음과의 차이",
  reset: "처음으로",
  along: "슬라이더로 움직일 것",
  ways: { directions: "주성분 방향", numbers: "값 하나씩" },
  directions: (which) => `방향 ${which}`,
  numbers: (which) => `값 ${which}`,
  deviations: (value) => `${value.toFixed(1).replace("-", "−")} σ`,
  rest: (count) => `${count}개 더`,
};
