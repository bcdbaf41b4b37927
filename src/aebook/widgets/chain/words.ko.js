/* Every word of the chain that a reader sees, in Korean; argument names, code and PyTorch's words stay. */

export default {
  title: "층마다 크기를 정하는 디코더",
  layers: "층",
  layer: (number) => `${number}층`,
  whole: "디코더 전체",
  target: "목표 크기",
  there: (size) => `바라던 대로 ${size} × ${size}에서 끝납니다.`,
  apart: (size, target) =>
    `${size} × ${size}에서 끝나 ${target}보다 ${Math.abs(target - size)}픽셀 ` +
    (size < target ? "작습니다." : "큽니다."),
  leads: (extras) => `output_padding을 ${extras} 순서로 주면 맞습니다.`,
  reaches: (low, high) => `output_padding만으로는 ${low}부터 ${high}까지 만들 수 있습니다.`,
  refused: (number, version) => `${number}층: PyTorch ${version}에서 받아들이지 않는 설정입니다.`,
  why: {
    outputPadding: (output_padding, stride, dilation) =>
      `output_padding(${output_padding})이 stride(${stride})보다도 dilation(${dilation})보다도 작지 않습니다.`,
    tooSmall: (canvas, padding) =>
      `캔버스의 길이는 ${canvas}인데 padding이 양쪽에서 ${padding}씩 잘라 내므로 남는 것이 없습니다.`,
  },
  means: {
    even: (each) => (each > 1 ? `고르게 ${each}개씩 겹침` : "고르고 겹치지 않음"),
    borders: (low, high) => `모두 가장자리라 ${low}~${high}개씩 겹침`,
    uneven: (low, high) => `고르지 않게 ${low}~${high}개씩 겹침`,
    unreached: (none, all) => `${all}칸 중 ${none}칸에 닿지 않음`,
  },
  find: "output_padding 찾기",
  add: "층 더하기",
  remove: (number) => `${number}층 빼기`,
  reset: "처음으로",
  call: "크기를 정하는 방법",
  copy: "복사",
  copied: "복사됨",
};
