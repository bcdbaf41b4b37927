/* Drawing이 한국어로 하는 말. */

const minus = (number, digits) => number.toFixed(digits).replace("-", "−");
const thousands = (number) => number.toLocaleString("ko");
// 잡음을 없애는 모델이 없으면 `noise`는 null이고, 있으면 잡음의 세기(0일 수도 있음)입니다.
const equally = (noise) => noise ? "똑같이 잡음이 낀 " : "";

export default {
  title: "숫자를 그리면 모델마다 되살려 보여 줍니다",
  padLabel: "그림판",
  padKeys: "키보드로도 그릴 수 있습니다. 그림판에서 화살표 키로 펜을 옮기고(Shift를 누르면 열 배씩), " +
    "스페이스 바로 펜을 내리거나 듭니다.",
  drawHere: "여기에 그리세요",
  penDown: "펜을 내렸습니다",
  penUp: "펜을 들었습니다",
  seen: "모델이 받는 그림",
  seenUnder: (noise, error) =>
    `모델이 받는 그림: 세기 ${noise.toFixed(2)}의 잡음, 깨끗한 그림과의 오차 ${error.toFixed(4)}`,
  models: { linear: "선형", stacked: "적층", convolutional: "합성곱", denoising: "잡음 제거" },
  choose: "모델",
  again: (name) => `${name} 모델이 다시 그린 그림`,
  code: (code) => `값 ${code.length}개: ${Array.from(code, (one) => minus(one, 1)).join(", ")}`,
  error: (error) => error.toFixed(4),
  place: (percent, noise) =>
    [
      ...(noise === null ? [] : ["깨끗한 그림과의 오차"]),
      ...(percent === null ? [] : [`${equally(noise)}테스트 숫자의 ${percent}%\u2060보다 나쁨`]),
    ].join(", "),
  result: (name, error, percent, noise) =>
    `${name}: ${noise === null ? "" : "깨끗한 그림과의 "}오차 ${error.toFixed(4)}` +
    (percent === null ? "" : `, ${equally(noise)}테스트 숫자 10,000장의 ${percent}%보다 나쁨`),
  sentence: "모델은 저마다 숫자 그림을 주황색 막대로 보이는 값 몇 개로 줄인 다음, 그 값만 보고 다시 그립니다.",
  sentenceOfDenoising: "모델은 모두 같은 그림을 받습니다. 마지막 모델은 잡음을 없애도록 배웠고, " +
    "선형, 적층, 합성곱 모델은 깨끗한 숫자만 보고 배웠습니다.",
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
  aboutDenoiser: (name, { sigma, parameters, precision, test_error }) =>
    `${name}: 7장의 잡음 제거 모델, 가중치 ${thousands(parameters)}개를 ${precision} 형식으로 저장, ` +
    `세기 ${sigma}의 잡음으로 학습, 그 잡음이 낀 테스트 숫자의 오차 ${test_error.toFixed(4)}`,
  aboutOwn: (name, { test_error }) => `${name}: 직접 만든 모델, 테스트 오차 ${test_error.toFixed(4)}`,
};
