/* Drawing이 한국어로 하는 말. */

const minus = (number, digits) => number.toFixed(digits).replace("-", "−");
const thousands = (number) => number.toLocaleString("ko");

export default {
  title: "숫자를 그리면 모델마다 되살려 보여 줍니다",
  padLabel: "그림판",
  padKeys: "키보드로도 그릴 수 있습니다. 그림판에서 화살표 키로 펜을 옮기고(Shift를 누르면 열 배씩), " +
    "스페이스 바로 펜을 내리거나 듭니다.",
  drawHere: "여기에 그리세요",
  penDown: "펜을 내렸습니다",
  penUp: "펜을 들었습니다",
  seen: "모델이 받는 그림",
  models: { linear: "선형", stacked: "적층", convolutional: "합성곱" },
  choose: "모델",
  again: (name) => `${name} 모델이 다시 그린 그림`,
  code: (code) => `값 ${code.length}개: ${Array.from(code, (one) => minus(one, 1)).join(", ")}`,
  error: (error) => error.toFixed(4),
  place: (percent) => `테스트 숫자의 ${percent}\u00a0%보다 나쁨`,
  result: (name, error, percent) =>
    `${name}: 오차 ${error.toFixed(4)}` +
    `, 테스트 숫자 10,000장의 ${percent} %보다 나쁨`,
  sentence: "모델은 저마다 숫자 그림을 주황색 막대로 보이는 값 몇 개로 줄인 다음, 그 값만 보고 다시 그립니다.",
  drawer: "테스트 숫자",
  testDigit: (digit) => `테스트 숫자 ${digit}`,
  undo: "되돌리기",
  blank: "빈 종이",
  more: "더 보기: 그림 바꿔 보기, 어떤 모델인지",
  changes: "모델이 배운 것과 다른 그림을 넣으면 어떻게 될까요?",
  mirror: "좌우 뒤집기",
  invert: "흑백 뒤집기",
  shift: "한 픽셀 옮기기",
  left: "왼쪽",
  rightwards: "오른쪽",
  up: "위",
  downwards: "아래",
  noise: "잡음 더하기",
  rub: "한 군데 지우기",
  asItWas: "원래대로",
  about: (name, { row, parameters, precision, test_error }) =>
    `${name}: 결과표의 ${row} 행, 가중치 ${thousands(parameters)}개를 ${precision} 형식으로 저장, ` +
    `테스트 오차 ${test_error.toFixed(4)}`,
  aboutOwn: (name, { test_error }) => `${name}: 직접 만든 모델, 테스트 오차 ${test_error.toFixed(4)}`,
};
