/* What widget.py has anywidget load in JupyterLab: there the kernel sends weights and data, when it is asked. */

import { bytesOf } from "./lib/bytes.js";
import { widget } from "./loader.js";

export const inLab = (sources, name) => widget(sources, name, fromKernel);

/** The bytes of a trait that is empty until the view asks for it. */
function fromKernel(model, path) {
  return new Promise((resolve) => {
    const given = () => {
      const bytes = bytesOf(model.get(path));
      if (!bytes?.length) return false;
      model.off(`change:${path}`, given);
      resolve(bytes);
      return true;
    };
    if (given()) return;
    model.on(`change:${path}`, given);
    model.send({ load: path });
  });
}
